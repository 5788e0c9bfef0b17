import { fallbacks, gateway, openAi } from "./gateway.ts";
import { elsewhere, type BrokenState } from "./state.ts";

export const portkeyStates: readonly BrokenState[] = [
  ...(
    [
      ["gateway: key-refused", "refuses the key (HTTP 401)", 401, 401],
      ["gateway: server-error", "gave HTTP 500", 500, 500],
      ["streaming: broken", "Every stream through the gateway fails (HTTP 500)", 200, 500],
    ] as const
  ).map(
    ([finding, says, status, streamStatus]): BrokenState => [
      `portkey/${finding}`,
      says,
      async (scene) => ({
        ...elsewhere,
        PORTKEY_FALLBACKS: fallbacks(openAi),
        PORTKEY_GATEWAY_URL: await gateway(scene, status, streamStatus),
      }),
    ],
  ),
  [
    "portkey/gateway: unreachable",
    "http://127.0.0.1:2/v1 does not answer",
    () => ({
      ...elsewhere,
      PORTKEY_FALLBACKS: fallbacks(openAi),
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:2/v1",
    }),
  ],
];
