import type { ChatRequest, WireMessage } from "../../completions/index.ts";
import type { Fitting } from "./fitting.ts";

type Part = { readonly type: string; readonly text?: string };

/**
 * The chat templates of many open models want one system message, at the start, and then the user and
 * the assistant in turns. Neighbours of one role become one message.
 */
export const alternatingRoles: Fitting = {
  name: "order of roles",
  refusal:
    /roles? must alternate|alternate (between )?user|system message.*(beginning|first|start|only one)|consecutive .*(messages|roles)|last message|multiple system/i,
  fit: (request) => {
    const system = request.messages.filter(isSystem);
    const rest = request.messages.filter((message) => !isSystem(message));
    return changed(request, mergeNeighbours([...system, ...rest]));
  },
};

/** Some templates have no system role at all: the first user message begins with its text. */
export const noSystemRole: Fitting = {
  name: "system role",
  refusal:
    /only user.*(assistant|model).* roles are supported|(system|developer)\W* (role|message|instruction|prompt)s? (is |are )?(not|un)\W?(supported|allowed|enabled)|not support.*(system|developer)\W* (role|message|instruction|prompt)|(unexpected|invalid|unknown|unsupported) (message )?role\W*(system|developer)/i,
  fit: (request) => {
    const turns = request.messages.map((message) =>
      isSystem(message) ? ({ role: "user", content: message.content } as WireMessage) : message,
    );
    return changed(request, mergeNeighbours(turns));
  },
};

/** `developer` is OpenAI's newer name of the system role. */
export const noDeveloperRole: Fitting = {
  name: "developer role",
  refusal: /developer/i,
  fit: (request) => {
    const turns = request.messages.map((message) =>
      message.role === "developer" ? { ...message, role: "system" as const } : message,
    );
    return changed(request, turns);
  },
};

function isSystem({ role }: WireMessage): boolean {
  return role === "system" || role === "developer";
}

function changed(request: ChatRequest, messages: readonly WireMessage[]): ChatRequest {
  const isSame =
    messages.length === request.messages.length &&
    messages.every(({ role }, index) => role === request.messages[index]?.role);
  return isSame ? request : { ...request, messages };
}

function mergeNeighbours(messages: readonly WireMessage[]): readonly WireMessage[] {
  const merged: WireMessage[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    const isMergeable = last?.role === message.role && message.role !== "tool";
    if (last && isMergeable && !callsTools(last)) merged[merged.length - 1] = join(last, message);
    else merged.push(message);
  }
  return merged;
}

function callsTools(message: WireMessage): boolean {
  return message.role === "assistant" && Boolean(message.tool_calls?.length);
}

function join(first: WireMessage, second: WireMessage): WireMessage {
  const [before, after] = [first.content ?? "", second.content ?? ""];
  const areTexts = typeof before === "string" && typeof after === "string";
  const content = areTexts
    ? [before, after].filter(Boolean).join("\n\n")
    : [...toParts(before), ...toParts(after)];
  return { ...first, ...second, content } as WireMessage;
}

function toParts(content: unknown): readonly Part[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : (content as Part[]);
}
