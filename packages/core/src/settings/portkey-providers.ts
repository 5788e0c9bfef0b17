/**
 * Slugs of the providers that Portkey routes chat completions to.
 *
 * Source: `@portkey-ai/gateway` 1.15.2. A provider of your Portkey account that is not among them
 * is named by its catalog slug, `@slug`.
 */
export const portkeyProviders: ReadonlySet<string> = new Set(
  `302ai ai21 aibadgr anthropic anyscale azure-ai azure-openai bedrock bytez cerebras cohere cometapi
  dashscope deepbricks deepinfra deepseek featherless-ai fireworks-ai github google groq huggingface
  hyperbolic inference-net iointelligence jina kluster-ai krutrim lemonfox-ai lepton lingyi matterai
  mistral-ai modal monsterapi moonshot ncompass nebius nextbit nomic novita-ai nscale ollama openai
  openrouter oracle ovhcloud palm perplexity-ai predibase reka-ai replicate sagemaker sambanova
  segmind siliconflow stability-ai together-ai triton upstage vertex-ai voyage workers-ai x-ai z-ai
  zhipu`.split(/\s+/),
);
