import { describe, expect, test } from "vitest";
import { ConnectionUrlError, parseConnectionUrl } from "./connection-url.ts";

describe("the URL of a database", () => {
  test("of one host is not changed", () => {
    for (const url of [
      "postgresql://user:secret@host:5432/name?sslmode=verify-full&sslrootcert=/path/to/ca.pem",
      "postgres://host/name",
      "postgresql:///name?host=/run/postgresql",
      "postgresql://user:p@ss@[::1]:5433/name",
    ]) {
      expect(parseConnectionUrl(url)).toMatchObject({ urls: [url], findsPrimary: false });
    }
  });

  test("of several hosts is one for each of them", () => {
    const found = parseConnectionUrl(
      "postgresql://me:s%40cret@a:5433,b,[::1]:5434/name?sslmode=verify-full&target_session_attrs=read-write",
    );
    const more = "sslmode=verify-full&target_session_attrs=read-write";
    expect(found).toEqual({
      urls: ["a:5433", "b", "[::1]:5434"].map(
        (host) => `postgresql://me:s%40cret@${host}/name?${more}`,
      ),
      findsPrimary: true,
      description: "a:5433,b,[::1]:5434/name",
      passwords: ["s%40cret"],
    });
  });

  test("may have its hosts and ports in parameters, as libpq does", () => {
    expect(parseConnectionUrl("postgresql://me@/name?host=a,b&port=5433,5434")).toMatchObject({
      urls: ["postgresql://me@/name?host=a&port=5433", "postgresql://me@/name?host=b&port=5434"],
      description: "a:5433,b:5434/name",
    });
    expect(
      parseConnectionUrl("postgresql:///name?host=a,b&port=6000&password=secret"),
    ).toMatchObject({
      description: "a:6000,b:6000/name",
      passwords: ["secret"],
    });
    expect(parseConnectionUrl("postgresql:///name?host=a,b").urls).toEqual([
      "postgresql:///name?host=a",
      "postgresql:///name?host=b",
    ]);
  });

  test.each([
    ["read-write", true],
    ["primary", true],
    ["any", false],
  ])("may ask for sessions that are %s", (target, findsPrimary) => {
    const url = `postgresql://host/name?target_session_attrs=${target}`;
    expect(parseConnectionUrl(url)).toMatchObject({ findsPrimary });
  });

  test.each([
    ["nonsense", /is not a URL such as/],
    ["mysql://root:hunter22@a,b/name", /is not a URL such as/],
    ["postgresql://me:hunter22@a:port,b/name", /is not a URL such as/],
    ["postgresql://me:hunter22@a:99999/name", /is not a URL such as/],
    ["postgresql://me:hunter22@a,,b/name", /host without a name/],
    ["postgresql://me:hunter22@/name?host=a,b&port=1,2,3", /2 hosts, but 3 ports/],
    ["postgresql://me:hunter22@a,b/name?target_session_attrs=standby", /runs are written/],
    ["postgresql://me:1/hunter22@a/name", /write \/ in a password as %2F/],
    ["postgresql://me:1#hunter22@a/name", /is not a URL such as/],
  ])("%s is refused, without its password", (url, message) => {
    const parse = () => parseConnectionUrl(url);
    expect(parse).toThrow(ConnectionUrlError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/hunter22/);
  });
});
