/** A reservation, a settlement and a closing of budget accounts, each in one statement. */
export const budgets = (schema: string): readonly string[] => [
  // Accounts are locked in the order of their keys, so that statements cannot deadlock.
  `CREATE FUNCTION ${schema}.budget_reserve(
    reservation text, scopes text[], ids text[], max_pico_usd numeric[], max_tokens numeric[],
    reserved_pico_usd numeric, reserved_tokens bigint
  )
  -- The first account that has no room; no row if the amount is held.
  RETURNS TABLE (place integer, unit text, spent_pico_usd numeric, spent_tokens bigint, held_pico_usd numeric, held_tokens bigint)
  LANGUAGE plpgsql AS $plpgsql$
  #variable_conflict use_column
  DECLARE
    account record;
  BEGIN
    INSERT INTO ${schema}.budget_reservations (id, pico_usd, tokens, scopes, ids)
    VALUES (reservation, reserved_pico_usd, reserved_tokens, scopes, ids) ON CONFLICT DO NOTHING;
    -- The statement is repeated, because its answer was lost.
    IF NOT FOUND THEN
      RETURN;
    END IF;
    FOR account IN
      WITH booked AS (
        INSERT INTO ${schema}.budget_accounts AS a (scope, id, held_pico_usd, held_tokens, open_reservations)
        SELECT named.scope, named.id, reserved_pico_usd, reserved_tokens, 1
        FROM unnest(scopes, ids) AS named (scope, id) ORDER BY named.scope, named.id
        ON CONFLICT (scope, id) DO UPDATE SET
          held_pico_usd = a.held_pico_usd + excluded.held_pico_usd,
          held_tokens = a.held_tokens + excluded.held_tokens,
          open_reservations = a.open_reservations + 1, updated_at = clock_timestamp()
        RETURNING a.*
      )
      SELECT booked.*, wanted.max_pico_usd, wanted.max_tokens, wanted.place
      FROM unnest(scopes, ids, max_pico_usd, max_tokens) WITH ORDINALITY
        AS wanted (scope, id, max_pico_usd, max_tokens, place)
      JOIN booked USING (scope, id) ORDER BY wanted.place
    LOOP
      IF account.spent_pico_usd + account.held_pico_usd > account.max_pico_usd
        OR account.spent_tokens + account.held_tokens > account.max_tokens THEN
        -- Undoes everything, with the accounts that were made for it.
        RAISE EXCEPTION USING ERRCODE = 'OB001';
      END IF;
    END LOOP;
  EXCEPTION WHEN SQLSTATE 'OB001' THEN
    RETURN QUERY SELECT
      account.place::integer,
      CASE WHEN account.spent_pico_usd + account.held_pico_usd > account.max_pico_usd THEN 'usd' ELSE 'tokens' END,
      account.spent_pico_usd, account.spent_tokens,
      account.held_pico_usd - reserved_pico_usd, account.held_tokens - reserved_tokens;
  END
  $plpgsql$`,
  `CREATE FUNCTION ${schema}.budget_settle(reservation text, actual_pico_usd numeric, actual_tokens bigint)
  RETURNS void
  LANGUAGE plpgsql AS $plpgsql$
  DECLARE
    settled record;
  BEGIN
    DELETE FROM ${schema}.budget_reservations AS r WHERE r.id = reservation RETURNING r.* INTO settled;
    IF NOT FOUND THEN
      RETURN;
    END IF;
    PERFORM FROM ${schema}.budget_accounts AS a JOIN unnest(settled.scopes, settled.ids) AS named (scope, id)
    USING (scope, id) ORDER BY scope, id FOR UPDATE OF a;
    UPDATE ${schema}.budget_accounts AS a SET
      held_pico_usd = a.held_pico_usd - settled.pico_usd, held_tokens = a.held_tokens - settled.tokens,
      spent_pico_usd = a.spent_pico_usd + actual_pico_usd, spent_tokens = a.spent_tokens + actual_tokens,
      open_reservations = a.open_reservations - 1, updated_at = clock_timestamp()
    FROM unnest(settled.scopes, settled.ids) AS named (scope, id)
    WHERE a.scope = named.scope AND a.id = named.id;
    DELETE FROM ${schema}.budget_accounts AS a USING unnest(settled.scopes, settled.ids) AS named (scope, id)
    WHERE a.scope = named.scope AND a.id = named.id AND a.is_closed AND a.open_reservations <= 0;
  END
  $plpgsql$`,
  `CREATE FUNCTION ${schema}.budget_close(closed_scope text, closed_id text) RETURNS void
  LANGUAGE plpgsql AS $plpgsql$
  BEGIN
    PERFORM FROM ${schema}.budget_accounts AS a WHERE a.scope = closed_scope AND a.id = closed_id FOR UPDATE;
    DELETE FROM ${schema}.budget_accounts AS a
    WHERE a.scope = closed_scope AND a.id = closed_id AND a.open_reservations <= 0;
    -- The last settlement deletes it otherwise.
    UPDATE ${schema}.budget_accounts AS a SET is_closed = true WHERE a.scope = closed_scope AND a.id = closed_id;
  END
  $plpgsql$`,
];
