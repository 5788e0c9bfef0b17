import { Embeddings } from "@langchain/core/embeddings";
import { InMemoryStore } from "@langchain/langgraph";
import { Orchestra } from "@orchestra/core";

const model = "openai/text-embedding-3-small";
const orchestra = new Orchestra();

class AccountEmbeddings extends Embeddings {
  async embedDocuments(texts: string[]): Promise<number[][]> {
    const { vectors } = await orchestra.embeddings.create({ model, input: texts });
    return vectors.map((vector) => [...vector]);
  }

  async embedQuery(text: string): Promise<number[]> {
    const [vector = []] = await this.embedDocuments([text]);
    return vector;
  }
}

const embeddings = new AccountEmbeddings({ maxRetries: 0 });
const store = new InMemoryStore({ index: { dims: 1536, embeddings, fields: ["text"] } });
await store.put(["ada"], "1", { text: "Ada builds engines that calculate." });
await store.put(["ada"], "2", { text: "Ada plays the harp in the evening." });

const [nearest] = await store.search(["ada"], { query: "calculating engines", limit: 1 });
console.log(nearest?.value["text"], orchestra.ledger.total.costUsd);
