import { describeAgents } from "./chat-openai-parity/agents.ts";
import { describeCallOptions } from "./chat-openai-parity/call-options.ts";
import { describeMessages } from "./chat-openai-parity/messages.ts";
import { describeStreaming } from "./chat-openai-parity/streaming.ts";
import { describeTracing } from "./chat-openai-parity/tracing.ts";

// A caller that switches from ChatOpenAI to a role model loses nothing. One file runs all topics:
// to load LangChain and Orchestra once for each would take longer than the tests.
describeCallOptions();
describeMessages();
describeStreaming();
describeTracing();
describeAgents();
