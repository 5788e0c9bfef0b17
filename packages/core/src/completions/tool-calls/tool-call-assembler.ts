import { isObject, type Fields } from "../../input/is-object.ts";
import { JsonShape, maxValuesAtOnce } from "../reading/json-shape.ts";
import { beginsAnother, isOther, isWhole, type OpenCall } from "./open-call.ts";
import { StreamedArguments } from "./streamed-arguments.ts";
import { argumentsText, isEmptyOrJson } from "./tool-arguments.ts";
import { checkCallCount, cutOffCall, nameless } from "./tool-call-count.ts";
import { newToolCallId } from "./tool-call-id.ts";
import { idOf, indexOf, joinCustom, joinNames, nameOf } from "./tool-call-part.ts";

/**
 * Characters of arguments that are passed on as they arrive. After that, a piece has a share of all
 * that were passed on, because LangChain parses all arguments again with each piece.
 */
const maxFine = 2 ** 13;
const minShare = 1 / 16;

/**
 * Assembles the tool calls of one streamed choice from their deltas.
 *
 * Some servers omit fields or set them wrongly: no index or the same one for all calls, ids only in
 * the first delta or in each of them, names repeated or in pieces, arguments as `null` or as an object.
 * A new id together with a name begins a new call; a name is set; arguments go to the open call.
 */
export class ToolCallAssembler {
  readonly #calls: OpenCall[] = [];
  readonly #ids = new Set<string>();
  #last: OpenCall | undefined;
  /** Characters of the arguments of all calls that the reader has received. */
  #passed = 0;
  readonly #maxCalls: number;

  /** @param maxCalls - Finding the call of a piece takes longer with each call. @defaultValue no limit */
  constructor(maxCalls = Infinity) {
    this.#maxCalls = maxCalls;
  }

  /**
   * Processes the `tool_calls` of a delta.
   *
   * @returns the same deltas with an index that identifies the call, an id and a name once for each
   * call, and arguments as text; none for a delta whose arguments are held back
   * @throws {ModelError} for too many calls
   */
  add(parts: unknown, takenIds: ReadonlySet<string> = none): Fields[] {
    if (!Array.isArray(parts)) return [];
    const list = (parts as unknown[]).filter(isObject);
    return list.flatMap((part, position) => {
      const open = this.#find(part, list.length > 1 ? position : undefined) ?? this.#begin(part);
      this.#last = open;
      return this.#merge(open, part, takenIds);
    });
  }

  /**
   * The deltas that complete the calls: `{}` for those without arguments, and what was held back.
   *
   * @param isCutOff - Whether the answer was cut off by the token limit.
   * @throws {ModelError} for a call without the name of its tool, and for arguments that are cut off
   */
  finish(schemaOf: (tool: string) => unknown, isCutOff = false): Fields[] {
    return this.#calls.flatMap(({ index, passage, call: { function: called, custom } }) => {
      if (custom !== undefined) return [];
      if (called.name === "") throw nameless();
      if (isCutOff && !isEmptyOrJson(called.arguments)) throw cutOffCall(called.name);
      const rest = passage.end(called.arguments, schemaOf(called.name));
      return rest === "" ? [] : [{ index, function: { arguments: rest } }];
    });
  }

  build(): Fields[] {
    return this.#calls.map(({ call: { function: called, ...call } }) =>
      call["custom"] === undefined ? { ...call, function: called } : call,
    );
  }

  /** The call that a delta continues; `undefined` if it begins a new one. */
  #find(part: Fields, position: number | undefined): OpenCall | undefined {
    const id = idOf(part);
    const index = indexOf(part);
    const sameIndex =
      index === undefined
        ? undefined
        : this.#calls.findLast(({ serverIndex }) => serverIndex === index);
    if (id === undefined) {
      const isNamed = nameOf(part) !== undefined;
      const open = sameIndex ?? (isNamed ? this.#lastNamed(index, position) : this.#at(position));
      return open && !beginsAnother(open, part, !sameIndex) ? open : undefined;
    }
    const sameIds = this.#calls.filter(({ serverId }) => serverId === id);
    const same = sameIds.findLast(({ serverIndex }) => serverIndex === index) ?? sameIds.at(-1);
    if (same) return beginsAnother(same, part, same.serverIndex !== index) ? undefined : same;
    // A new id without a name continues its index: some servers send a new one in each delta, or send it late.
    const isLate = sameIndex?.serverId === undefined && !isOther(sameIndex, part);
    return nameOf(part) === undefined || isLate ? sameIndex : undefined;
  }

  /** Servers that send no index repeat the name in each delta. */
  #lastNamed(index: number | undefined, position: number | undefined): OpenCall | undefined {
    return index === undefined && position === undefined ? this.#last : undefined;
  }

  #at(position: number | undefined): OpenCall | undefined {
    return position === undefined ? this.#last : this.#calls[position];
  }

  #begin(part: Fields): OpenCall {
    checkCallCount(this.#calls.length + 1, this.#maxCalls);
    const open: OpenCall = {
      index: this.#calls.length,
      serverIndex: indexOf(part),
      serverId: undefined,
      isAnnounced: false,
      passage: new StreamedArguments(),
      shape: new JsonShape(maxValuesAtOnce),
      isWhole: undefined,
      call: { id: "", type: "function", function: { name: "", arguments: "" } },
    };
    this.#calls.push(open);
    return open;
  }

  #merge(open: OpenCall, part: Fields, takenIds: ReadonlySet<string>): Fields[] {
    const { id: _id, index: _index, type, function: called, ...rest } = part;
    const { call } = open;
    const id = idOf(part);
    open.serverId ??= id;
    if (id !== undefined && call.id === "") call.id = id;
    if (type === "custom") call["type"] = type;
    for (const [field, value] of Object.entries(rest)) {
      if (value === null || value === undefined) continue;
      call[field] = field === "custom" ? joinCustom(call["custom"], value) : value;
    }
    const before = call.function.name;
    const name = joinNames(call.function, nameOf(part), call.function.arguments === "");
    const text = argumentsText(isObject(called) ? called["arguments"] : undefined);
    const isRepeated = text !== "" && text === call.function.arguments && isWhole(open);
    const added = isRepeated ? "" : text;
    call.function.arguments += added;
    open.shape.feed(added);
    // Arguments that were complete, or closed and not valid, do not become valid by more text.
    if (added.trim() !== "" && open.isWhole) open.isWhole = false;
    call.function.name = name;
    const delta = { index: open.index, ...rest };
    const minLength = this.#passed < maxFine ? 1 : this.#passed * minShare;
    const passed = open.passage.pass(added, minLength);
    this.#passed += passed.length;
    const isCustom = call["custom"] !== undefined;
    if (open.isAnnounced) {
      if (passed === "" && name === before && Object.keys(rest).length === 0) return [];
      const named = name === before ? {} : { name };
      return [isCustom ? delta : { ...delta, function: { ...named, arguments: passed } }];
    }
    open.isAnnounced = true;
    const announcedId = newToolCallId(this.#ids.has(call.id) ? "" : call.id, takenIds);
    this.#ids.add(announcedId);
    call.id = announcedId;
    const announced = { ...delta, id: announcedId, type: call["type"] };
    return [isCustom ? announced : { ...announced, function: { name, arguments: passed } }];
  }
}

const none: ReadonlySet<string> = new Set();
