/** A config file that is missing or invalid. The message says what its author has to change. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config_error";
}
