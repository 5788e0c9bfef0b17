/** A config file that is missing or invalid; the message is for its author. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config_error";
}
