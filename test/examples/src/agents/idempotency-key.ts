import { tool } from "@langchain/core/tools";
import { idempotencyKeyOf } from "@orchestra/core";
import { z } from "zod";

interface Shop {
  order(item: string, options: { idempotencyKey: string | undefined }): Promise<string>;
}

export const orderTool = (shop: Shop) =>
  tool(({ item }, config) => shop.order(item, { idempotencyKey: idempotencyKeyOf(config) }), {
    name: "order",
    description: "Orders an item",
    schema: z.object({ item: z.string() }),
  });
