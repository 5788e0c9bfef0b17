import { OrchestraError } from "@orchestra/core/gateway";

/** Notifications do not arrive. Everything works, but with delays, because listeners poll. */
export class NotificationsError extends OrchestraError {
  override readonly name = "NotificationsError";
  readonly code = "notifications_unheard";

  constructor() {
    super(
      "Notifications of the database do not arrive (LISTEN): runs, events and cancellations are noticed some seconds late. The connection must stay with its process. Connect to PostgreSQL directly, or let the pooler use session mode (PgBouncer: pool_mode = session).",
    );
  }

  static override isInstance(error: unknown): error is NotificationsError {
    return OrchestraError.isNamed(error, "NotificationsError");
  }
}
