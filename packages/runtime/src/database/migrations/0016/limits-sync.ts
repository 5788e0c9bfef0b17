/** Whether the first of the calls that wait here comes before the first of those that wait elsewhere. */
const comesFirst = `((elsewhere->0->>1)::float8 < (own_demand->0->>0)::float8
          OR ((elsewhere->0->>1)::float8 = (own_demand->0->>0)::float8 AND (elsewhere->0->>4)::float8 >= (own_demand->0->>3)::float8))`;

/**
 * One exchange of a process with its account: reports what has ended, and books slots for the calls that can go
 * now or within `horizonMs`. A process of an earlier version has no horizon.
 *
 * @remarks `request` is a `SyncRequest` and the result a `SyncReply` of `limits/sync-messages.ts`. A demand is
 * `[holder, priority, calls, tokens, since]`, the calls of one priority that wait in one process.
 */
export const limitsSync = (schema: string): string =>
  `CREATE OR REPLACE FUNCTION ${schema}.limits_sync(
    sync_account text, sync_holder text, sync_number bigint, request jsonb
  ) RETURNS jsonb
  LANGUAGE plpgsql AS $plpgsql$
  DECLARE
    options constant jsonb := request->'options';
    dead_after_ms constant float8 := (options->>'deadAfterMs')::float8;
    margin_ms constant float8 := (options->>'marginMs')::float8;
    span_ms constant float8 := (options->>'windowMs')::float8 + margin_ms;
    sent_at constant float8 := (request->>'sentAt')::float8;
    horizon_ms constant float8 := coalesce((request->>'horizonMs')::float8, 0);
    now float8;
    state jsonb;
    written_state jsonb;
    limiter jsonb;
    -- Processes of the version before this one have their requests in flight in the state.
    old_holders jsonb;
    edition bigint;
    edition_before bigint;
    mine record;
    bookings jsonb;
    others record;
    elsewhere jsonb;
    change jsonb;
    rules jsonb;
    head_at float8;
    is_head_moved boolean := false;
    requests_per_minute float8;
    tokens_per_minute float8;
    requests_per_day float8;
    max_in_flight float8;
    is_refused_long boolean;
    is_day_refused boolean;
    counted record;
    used_today float8;
    requests_in_flight float8;
    room_calls float8;
    room_tokens float8;
    call jsonb;
    call_index integer := -1;
    before record;
    does_fit boolean := true;
    granted integer[] := '{}';
    -- When each of the granted calls can go, at the earliest.
    granted_from float8[] := '{}';
    passed_by float8;
    slots record;
    failed integer[] := '{}';
    added_ahead integer := 0;
    until float8;
    own_demand jsonb;
    place record;
    wakes text[] := '{}';
    wakes_all boolean := false;
    tells_waiting boolean := false;
    format integer;
  BEGIN
    LOOP
      SELECT r.state, r.format INTO state, format FROM ${schema}.rate_limits AS r WHERE r.account = sync_account FOR UPDATE;
      EXIT WHEN FOUND;
      INSERT INTO ${schema}.rate_limits (account, state) VALUES (sync_account, '{}') ON CONFLICT DO NOTHING;
    END LOOP;
    IF format <> 1 THEN
      RAISE EXCEPTION 'The rate limits of an account have the format %, which this version does not know', format
      USING HINT = 'Update the @orchestra packages of this process.';
    END IF;
    now := coalesce((request->>'now')::float8, (extract(epoch FROM clock_timestamp()) * 1000)::float8);
    edition := coalesce((state->>'edition')::bigint, 0);
    edition_before := edition;
    SELECT h.* INTO mine FROM ${schema}.rate_limit_holders AS h
    WHERE h.account = sync_account AND h.id = sync_holder;
    -- A statement that arrives after a later one: its process waits for it no more.
    IF mine.sync_number >= sync_number THEN
      RETURN NULL;
    END IF;

    SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO old_holders
    FROM jsonb_each(coalesce(state->'holders', '{}')) WHERE now - (value->>'seenAt')::float8 < dead_after_ms;
    SELECT
      coalesce(sum(h.in_flight), 0)::float8
        + (SELECT coalesce(sum((value->>'inFlight')::float8), 0) FROM jsonb_each(old_holders)) AS in_flight,
      coalesce(sum(h.ahead), 0)::float8
        + (SELECT coalesce(sum((value->>'ahead')::float8), 0) FROM jsonb_each(old_holders)) AS ahead,
      min(h.seen_at) FILTER (WHERE h.in_flight + h.ahead > 0) + dead_after_ms AS dead_at
    INTO others FROM ${schema}.rate_limit_holders AS h
    WHERE h.account = sync_account AND h.id <> sync_holder AND now - h.seen_at < dead_after_ms;
    -- A process that was woken and did not come, or should have written by now, is not waited for.
    SELECT coalesce(
      jsonb_agg(jsonb_build_array(h.id, d->0, d->1, d->2, d->3) ORDER BY (d->>0)::float8 DESC, (d->>3)::float8, h.id), '[]'
    ) INTO elsewhere
    FROM ${schema}.rate_limit_holders AS h CROSS JOIN LATERAL jsonb_array_elements(h.demand) AS d
    WHERE h.account = sync_account AND h.id <> sync_holder
      AND (h.woken_at IS NULL OR now - h.woken_at < dead_after_ms / 6)
      AND (h.in_flight + h.ahead = 0 OR now - h.seen_at < dead_after_ms);

    limiter := '{"limits": {}, "grants": [], "inFlight": {}}'::jsonb || coalesce(state->'limiter', '{}');
    limiter := limiter || jsonb_build_object(
      'grants', ${schema}.limits_grant_log(limiter->'grants', now, span_ms),
      'day', ${schema}.limits_day_start(
        '{"used": 0, "usedOfTomorrow": 0, "takenOver": 0}'::jsonb || coalesce(limiter->'day', '{}'), now));
    IF limiter ? 'refusedUntil' THEN
      limiter := limiter || jsonb_build_object('refusedUntil', least(
        (limiter->>'refusedUntil')::float8, now + coalesce((options->>'maxRefusalMs')::float8, 'Infinity')));
    END IF;
    requests_in_flight := (request->>'inFlight')::float8 + others.in_flight;
    -- The first waiting call can go a window after this grant.
    SELECT log.at INTO head_at FROM (
      SELECT (e->>0)::float8 AS at, sum((e->>1)::bigint) OVER (ORDER BY (e->>0)::float8) AS position,
        sum((e->>1)::bigint) OVER () AS total
      FROM jsonb_array_elements(limiter->'grants') AS e
    ) AS log
    WHERE log.position > log.total - (limiter->'limits'->>'requestsPerMinute')::float8
    ORDER BY log.at LIMIT 1;
    -- The process has not received the reply of its last sync: of that one, the slots are not used, and the
    -- changes are not applied again.
    FOR change IN SELECT * FROM jsonb_array_elements(
      CASE WHEN mine.sync_number > (request->>'confirmed')::bigint THEN mine.bookings ELSE '[]' END || (request->'changes')
    ) LOOP
      CONTINUE WHEN (change->>'sentIn')::bigint <= mine.sync_number;
      rules := limiter - 'grants';
      limiter := ${schema}.limits_apply(limiter, change, requests_in_flight, now, sent_at, options);
      IF change->>'type' IN ('settle', 'return') THEN
        is_head_moved := is_head_moved OR (change->>'until')::float8 <= head_at
          OR limiter->'limits' ? 'tokensPerMinute' OR limiter->'inFlight' ? 'shrunkTo';
      ELSIF limiter - 'grants' <> rules THEN
        edition := edition + 1;
        wakes_all := true;
      END IF;
    END LOOP;

    requests_per_minute := coalesce((limiter->'limits'->>'requestsPerMinute')::float8, 'Infinity');
    tokens_per_minute := coalesce((limiter->'limits'->>'tokensPerMinute')::float8, 'Infinity');
    requests_per_day := coalesce((limiter->'limits'->>'requestsPerDay')::float8, 'Infinity');
    max_in_flight := ${schema}.limits_max_in_flight(
      limiter->'inFlight', coalesce((limiter->'limits'->>'maxConcurrency')::float8, 'Infinity'),
      now, (options->>'windowMs')::float8 / 10);
    -- A first call that had to wait for the end of a request may have to wait for the minute now.
    is_head_moved := is_head_moved OR (
      max_in_flight - coalesce(mine.in_flight + mine.ahead, 0) - others.in_flight - others.ahead < 1
      AND max_in_flight - requests_in_flight - (request->>'ahead')::float8 - others.ahead >= 1);
    is_refused_long := coalesce((limiter->>'refusedUntil')::float8, '-Infinity') - now
      > coalesce((options->>'maxRefusalWaitMs')::float8, 'Infinity');
    is_day_refused := now < coalesce((limiter->'day'->>'refusedUntil')::float8, '-Infinity');
    used_today := CASE WHEN (limiter->'day'->>'day')::float8 = floor(now / 86400000)
      THEN (limiter->'day'->>'used')::float8 ELSE 0 END;
    SELECT coalesce(sum((e->>1)::float8), 0) AS requests, coalesce(sum((e->>2)::float8), 0) AS tokens,
      coalesce(sum((e->>1)::float8) FILTER (WHERE (e->>0)::float8 + span_ms <= now + horizon_ms), 0) AS passing
    INTO counted FROM jsonb_array_elements(limiter->'grants') AS e;
    -- A slot that is booked ahead can become a request without a further sync, so it counts as one.
    room_calls := least(
      requests_per_minute - counted.requests + counted.passing, requests_per_day - used_today,
      max_in_flight - requests_in_flight - (request->>'ahead')::float8 - others.ahead);
    IF is_day_refused OR now < coalesce((limiter->>'refusedUntil')::float8, '-Infinity') THEN
      room_calls := 0;
    END IF;
    room_tokens := tokens_per_minute - counted.tokens;

    -- A call is [priority, tokens, askedAt], and they are in their order.
    FOR call IN SELECT * FROM jsonb_array_elements(request->'calls') LOOP
      call_index := call_index + 1;
      IF (call->>1)::float8 > tokens_per_minute OR is_refused_long OR (
        NOT (options->>'waitsForDay')::boolean
        AND (is_day_refused OR (limiter->'day'->>'used')::float8 + cardinality(granted) >= requests_per_day)
      ) THEN
        failed := failed || call_index;
      ELSIF does_fit THEN
        SELECT
          coalesce(sum(CASE WHEN (d->>1)::float8 > (call->>0)::float8 THEN (d->>2)::float8 ELSE 1 END), 0) AS calls,
          coalesce(sum(CASE WHEN (d->>1)::float8 > (call->>0)::float8 THEN (d->>3)::float8
            ELSE ceil((d->>3)::float8 / (d->>2)::float8) END), 0) AS tokens
        INTO before FROM jsonb_array_elements(elsewhere) AS d
        WHERE (d->>1)::float8 > (call->>0)::float8 OR ((d->>1)::float8 = (call->>0)::float8
          AND (d->>4)::float8 < now - greatest(0, sent_at - (call->>2)::float8));
        does_fit := before.calls + 1 <= room_calls AND before.tokens + (call->>1)::float8 <= room_tokens;
        IF does_fit THEN
          passed_by := now;
          IF counted.requests + before.calls + cardinality(granted) + 1 > requests_per_minute THEN
            SELECT min(log.at) + span_ms INTO passed_by FROM (
              SELECT (e->>0)::float8 AS at, sum((e->>1)::float8) OVER (ORDER BY (e->>0)::float8) AS position
              FROM jsonb_array_elements(limiter->'grants') AS e
            ) AS log
            WHERE log.position >= counted.requests + before.calls + cardinality(granted) + 1 - requests_per_minute;
          END IF;
          granted := granted || call_index;
          granted_from := granted_from || greatest(now, passed_by);
          room_calls := room_calls - 1;
          room_tokens := room_tokens - (call->>1)::float8;
        END IF;
      END IF;
    END LOOP;
    FOR slots IN
      SELECT g.from_at, count(*) AS calls, sum((request->'calls'->g.call_index->>1)::float8) AS tokens
      FROM unnest(granted, granted_from) AS g (call_index, from_at) GROUP BY 1 ORDER BY 1
    LOOP
      until := slots.from_at + (request->>'allowanceMs')::float8;
      limiter := limiter || jsonb_build_object(
        'grants', ${schema}.limits_grant_log_add(limiter->'grants', until, slots.calls, slots.tokens),
        'day', ${schema}.limits_day_count(limiter->'day', slots.calls, now, until, margin_ms));
    END LOOP;
    requests_in_flight := requests_in_flight + cardinality(granted);

    SELECT coalesce(jsonb_agg(jsonb_build_array(d.priority, d.calls, d.tokens, d.since) ORDER BY d.priority DESC), '[]')
    INTO own_demand FROM (
      SELECT (c->>0)::float8 AS priority, count(*) AS calls, sum((c->>1)::float8) AS tokens,
        now - greatest(0, sent_at - min((c->>2)::float8)) AS since
      FROM jsonb_array_elements(request->'calls') WITH ORDINALITY AS listed (c, position)
      WHERE NOT listed.position - 1 = ANY (granted || failed) GROUP BY 1
    ) AS d;

    -- Ahead of calls, while more than half of each limit is left. The tokens of future calls are unknown.
    IF cardinality(granted) > 0 AND own_demand = '[]' AND elsewhere = '[]' AND tokens_per_minute = 'Infinity'
      AND (request->>'allowanceMs')::float8 * 2 <= (request->>'aheadMs')::float8 THEN
      WHILE (request->>'ahead')::integer + added_ahead < (request->>'wantsAhead')::integer
        AND room_calls >= 1
        AND (requests_per_minute = 'Infinity'
          OR requests_per_minute - counted.requests - cardinality(granted) - added_ahead > requests_per_minute / 2)
        AND (requests_per_day = 'Infinity'
          OR requests_per_day - (limiter->'day'->>'used')::float8 - added_ahead > requests_per_day / 2)
        AND (max_in_flight = 'Infinity' OR max_in_flight - requests_in_flight - (request->>'ahead')::float8
          - others.ahead - added_ahead > max_in_flight / 2)
      LOOP
        added_ahead := added_ahead + 1;
        room_calls := room_calls - 1;
      END LOOP;
      IF added_ahead > 0 THEN
        until := now + (request->>'aheadMs')::float8;
        limiter := limiter || jsonb_build_object(
          'grants', ${schema}.limits_grant_log_add(limiter->'grants', until, added_ahead, 0),
          'day', ${schema}.limits_day_count(limiter->'day', added_ahead, now, until, margin_ms));
      END IF;
    END IF;

    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'type', 'return', 'takenAt', now, 'until', booked.until, 'tokens', booked.tokens)), '[]')
    INTO bookings FROM (
      SELECT g.from_at + (request->>'allowanceMs')::float8 AS until,
        (request->'calls'->g.call_index->>1)::float8 AS tokens
      FROM unnest(granted, granted_from) AS g (call_index, from_at)
      UNION ALL SELECT now + (request->>'aheadMs')::float8, 0 FROM generate_series(1, added_ahead)
    ) AS booked;
    IF mine.id IS NULL THEN
      DELETE FROM ${schema}.rate_limit_holders AS h WHERE h.account = sync_account
        AND now - h.seen_at > greatest(600000, 2 * dead_after_ms)
        AND (h.demand = '[]' OR now - h.seen_at > greatest(86400000, 2 * dead_after_ms));
    END IF;

    -- Wakes those for whom there is room, or else the first one, which then has a timer for its turn.
    FOR place IN
      SELECT d->>0 AS holder, (d->>1)::float8 AS priority, (d->>2)::float8 AS calls, (d->>3)::float8 AS tokens,
        row_number() OVER in_order AS position,
        row_number() OVER (PARTITION BY (d->>1)::float8 ORDER BY (d->>4)::float8, d->>0) AS calls_of_level,
        coalesce(sum(ceil((d->>3)::float8 / (d->>2)::float8))
          OVER (PARTITION BY (d->>1)::float8 ORDER BY (d->>4)::float8, d->>0), 0) AS tokens_of_level,
        sum((d->>2)::float8) OVER in_order - sum((d->>2)::float8)
          OVER (PARTITION BY (d->>1)::float8 ORDER BY (d->>4)::float8, d->>0) AS calls_above,
        sum((d->>3)::float8) OVER in_order - sum((d->>3)::float8)
          OVER (PARTITION BY (d->>1)::float8 ORDER BY (d->>4)::float8, d->>0) AS tokens_above
      FROM (
        SELECT d FROM jsonb_array_elements(elsewhere) AS d
        UNION ALL SELECT to_jsonb(sync_holder) || d FROM jsonb_array_elements(own_demand) AS d
      ) AS waiting
      WINDOW in_order AS (ORDER BY (d->>1)::float8 DESC, (d->>4)::float8, d->>0)
      ORDER BY position
    LOOP
      does_fit := place.calls_above + place.calls_of_level <= room_calls
        AND place.tokens_above + place.tokens_of_level <= room_tokens;
      EXIT WHEN NOT does_fit AND place.position > 1;
      IF place.holder <> sync_holder THEN
        UPDATE ${schema}.rate_limit_holders AS h
        SET woken_at = CASE WHEN does_fit THEN coalesce(h.woken_at, now) ELSE h.woken_at END, is_first = true
        WHERE h.account = sync_account AND h.id = place.holder
          AND CASE WHEN does_fit THEN h.woken_at IS NULL ELSE NOT h.is_first OR is_head_moved END;
        IF FOUND THEN
          wakes := wakes || place.holder;
        END IF;
      END IF;
      EXIT WHEN NOT does_fit;
    END LOOP;
    -- Whoever was the first is told when it is so again.
    IF own_demand <> '[]' THEN
      UPDATE ${schema}.rate_limit_holders AS h SET is_first = false
      WHERE h.account = sync_account AND h.is_first AND h.woken_at IS NULL
        AND h.id = elsewhere->0->>0 AND ${comesFirst};
    END IF;
    -- Others report their ended requests at once from now on, and give back what they have booked ahead.
    tells_waiting := own_demand <> '[]' AND elsewhere = '[]' AND coalesce(mine.demand, '[]') = '[]'
      AND others.in_flight + others.ahead > 0;

    INSERT INTO ${schema}.rate_limit_holders AS h
      (account, id, seen_at, sync_number, bookings, in_flight, ahead, demand, is_first)
    VALUES (
      sync_account, sync_holder, now, sync_number, bookings,
      (request->>'inFlight')::integer + cardinality(granted), (request->>'ahead')::integer + added_ahead, own_demand,
      own_demand <> '[]' AND (elsewhere = '[]' OR ${comesFirst})
    )
    ON CONFLICT (account, id) DO UPDATE SET
      seen_at = excluded.seen_at, sync_number = excluded.sync_number, bookings = excluded.bookings,
      in_flight = excluded.in_flight, ahead = excluded.ahead, demand = excluded.demand,
      is_first = excluded.is_first, woken_at = NULL;
    limiter := limiter || jsonb_build_object(
      'inFlight', (limiter->'inFlight') || jsonb_build_object('count', requests_in_flight));
    written_state := jsonb_strip_nulls(jsonb_build_object(
      'limiter', limiter, 'edition', edition, 'holders', nullif(old_holders, '{}')));
    IF written_state <> state THEN
      UPDATE ${schema}.rate_limits AS r SET state = written_state, updated_at = clock_timestamp()
      WHERE r.account = sync_account;
    END IF;
    IF request ? 'channel' AND (wakes_all OR tells_waiting OR wakes <> '{}') THEN
      PERFORM pg_notify(request->>'channel', jsonb_build_object(
        'account', sync_account, 'isWaitedFor', tells_waiting,
        -- The payload of a notification is limited to 8,000 bytes.
        'wakes', CASE WHEN wakes_all OR cardinality(wakes) > 50 THEN NULL ELSE wakes END)::text);
    END IF;

    RETURN jsonb_build_object(
      'now', now, 'granted', granted, 'grantedFrom', granted_from, 'failed', failed, 'bookedAhead', added_ahead,
      'limiter', limiter,
      'ahead', (request->>'ahead')::float8 + added_ahead + others.ahead,
      'edition', edition, 'editionBefore', edition_before, 'elsewhere', elsewhere, 'deadAt', others.dead_at,
      'wakes', wakes, 'wakesAll', wakes_all, 'tellsWaiting', tells_waiting);
  END
  $plpgsql$`;
