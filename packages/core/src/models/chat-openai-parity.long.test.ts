import { describeConstructor } from "./chat-openai-parity/constructor.ts";
import { describeStructuredOutput } from "./chat-openai-parity/structured-output.ts";

// Each option and each form of a schema: the quick suite has what a caller does with a model.
describeConstructor();
describeStructuredOutput();
