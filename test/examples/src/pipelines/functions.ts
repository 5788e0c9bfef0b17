import { researchValidateExecute } from "@orchestra/core/pipelines";

const pipeline = researchValidateExecute({
  // Findings, from a table, a search service or another program.
  researcher: ({ task }) => ({
    task,
    claims: [
      {
        number: 1,
        statement: "The lighthouse of Vell was built in 1871.",
        evidence: { path: "vell.md", line: 3, quote: "It was built in 1871." },
      },
    ],
    openQuestions: ["Who built it?"],
  }),
  // A review: the findings, with a verdict.
  validator: (findings) => ({
    ...findings,
    verdict: findings.claims.length > 0 ? "approve" : "reject",
    issues: [],
    confidence: 1,
  }),
  // A deliverable: a text with [1] after each statement that claim 1 supports, and the citations.
  executor: async ({ task, claims }, { signal }) => {
    signal?.throwIfAborted();
    return {
      task,
      text: claims.map(({ number, statement }) => `- ${statement} [${number}]`).join("\n"),
      citations: claims.map(({ number, evidence }) => ({ number, ...evidence })),
    };
  },
});

const { status, answer, citations } = await pipeline.invoke({ task: "When was it built?" });
console.log(status, answer, citations);
