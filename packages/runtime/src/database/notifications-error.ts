import { OrchestraError } from "@orchestra/core";

/** Notifications do not arrive. Everything works, but later, since listeners poll. */
export class NotificationsError extends OrchestraError {
  override readonly name = "NotificationsError";
  readonly code = "notifications_unheard";

  constructor() {
    super(
      "Notifications of the database do not arrive, so that runs, events and cancellations are noticed up to some seconds later (LISTEN): expected a connection that stays with its process. Connect to PostgreSQL directly, or let the pooler use session mode (PgBouncer: pool_mode = session).",
    );
  }

  static override isInstance(error: unknown): error is NotificationsError {
    return OrchestraError.isNamed(error, "NotificationsError");
  }
}
