/**
 * The rules of core's `LimiterState`, on its JSON. Each function has the name of the class that it follows;
 * tests compare them.
 */
export const limiterRules = (schema: string): readonly string[] => [
  `CREATE FUNCTION ${schema}.limits_grant_log(grants jsonb, now float8, span_ms float8) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE AS $plpgsql$
  BEGIN
    -- Most often all grants count.
    IF (grants->0->>0)::float8 + span_ms > now AND (grants->-1->>0)::float8 <= now + span_ms
      AND jsonb_array_length(grants) <= 300 THEN
      RETURN grants;
    END IF;
    -- Those in the far future were made by a clock that was set back.
    RETURN (
        WITH entries AS (
          SELECT least((e->>0)::float8, now + span_ms) AS at, (e->>1)::bigint AS requests, (e->>2)::float8 AS tokens
          FROM jsonb_array_elements(grants) AS e WHERE (e->>0)::float8 + span_ms > now
        ),
        merged AS (
          SELECT max(at) AS at, sum(requests) AS requests, sum(tokens) AS tokens FROM entries
          GROUP BY CASE WHEN (SELECT count(DISTINCT at) FROM entries) > 300 THEN floor(at / (2 * span_ms / 300)) ELSE at END
        )
        SELECT coalesce(jsonb_agg(jsonb_build_array(at, requests, tokens) ORDER BY at), '[]') FROM merged
    );
  END
  $plpgsql$`,
  `CREATE FUNCTION ${schema}.limits_grant_log_replace(
    grants jsonb, booked_at float8, booked_tokens float8, actual_at float8, actual_tokens float8
  ) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE AS $plpgsql$
  BEGIN
    -- Without an actual instant, the booked request is removed.
    RETURN (
        WITH entries AS (
          SELECT (e->>0)::float8 AS at, (e->>1)::bigint AS requests, (e->>2)::float8 AS tokens
          FROM jsonb_array_elements(grants) AS e
        ),
        -- Grants that are close together may have been merged at the instant of the last one.
        booked AS (SELECT min(at) AS at FROM entries WHERE at >= booked_at),
        moved AS (
          SELECT at, requests, tokens FROM entries
          UNION ALL SELECT at, -1, -booked_tokens FROM booked WHERE at IS NOT NULL
          UNION ALL SELECT actual_at, 1, actual_tokens FROM booked WHERE at IS NOT NULL AND actual_at IS NOT NULL
        ),
        sums AS (SELECT at, sum(requests) AS requests, sum(tokens) AS tokens FROM moved GROUP BY at)
        SELECT coalesce(jsonb_agg(jsonb_build_array(at, requests, tokens) ORDER BY at) FILTER (WHERE requests > 0), '[]')
        FROM sums
    );
  END
  $plpgsql$`,
  `CREATE FUNCTION ${schema}.limits_grant_log_add(grants jsonb, granted_at float8, added bigint, added_tokens float8)
  RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE AS $plpgsql$
  BEGIN
    IF coalesce((grants->-1->>0)::float8, '-Infinity') < granted_at THEN
      RETURN grants || jsonb_build_array(jsonb_build_array(granted_at, added, added_tokens));
    END IF;
    RETURN (
        WITH sums AS (
          SELECT at, sum(requests) AS requests, sum(tokens) AS tokens FROM (
            SELECT (e->>0)::float8 AS at, (e->>1)::bigint AS requests, (e->>2)::float8 AS tokens
            FROM jsonb_array_elements(grants) AS e
            UNION ALL SELECT granted_at, added, added_tokens
          ) AS entries GROUP BY at
        )
        SELECT jsonb_agg(jsonb_build_array(at, requests, tokens) ORDER BY at) FROM sums
    );
  END
  $plpgsql$`,
  `CREATE FUNCTION ${schema}.limits_day_start(day jsonb, now float8) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE AS $plpgsql$
  BEGIN
    -- Resets the counts if a new day has begun.
    RETURN (
        SELECT CASE WHEN floor(now / 86400000) <= coalesce((day->>'day')::float8, '-Infinity') THEN day
          ELSE day || jsonb_build_object(
            'day', floor(now / 86400000),
            'used', CASE WHEN (day->>'day')::float8 + 1 = floor(now / 86400000) THEN (day->>'usedOfTomorrow')::float8 ELSE 0 END,
            'usedOfTomorrow', 0,
            'takenOver', 0
          ) END
    );
  END
  $plpgsql$`,
  `CREATE FUNCTION ${schema}.limits_day_count(day jsonb, requests float8, now float8, until float8, margin_ms float8)
  RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE AS $plpgsql$
  BEGIN
    -- A request this close to midnight counts for both days.
    RETURN (
        SELECT day || jsonb_build_object(
          'used', (day->>'used')::float8 + requests,
          'usedOfTomorrow', (day->>'usedOfTomorrow')::float8
            + CASE WHEN until + margin_ms >= (floor(now / 86400000) + 1) * 86400000 THEN requests ELSE 0 END
        )
    );
  END
  $plpgsql$`,
  `CREATE FUNCTION ${schema}.limits_day_uncount(day jsonb, taken_at float8, until float8, margin_ms float8)
  RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE AS $plpgsql$
  BEGIN
    RETURN (
        SELECT CASE
          WHEN taken.number = (day->>'day')::float8 THEN day || jsonb_build_object(
            'used', greatest((day->>'takenOver')::float8, (day->>'used')::float8 - 1),
            'usedOfTomorrow', (day->>'usedOfTomorrow')::float8 - CASE WHEN taken.is_late THEN 1 ELSE 0 END
          )
          WHEN taken.number + 1 = (day->>'day')::float8 AND taken.is_late THEN day || jsonb_build_object(
            'used', greatest((day->>'takenOver')::float8, (day->>'used')::float8 - 1)
          )
          ELSE day END
        FROM (SELECT floor(taken_at / 86400000) AS number,
          until + margin_ms >= (floor(taken_at / 86400000) + 1) * 86400000 AS is_late) AS taken
    );
  END
  $plpgsql$`,
  `CREATE FUNCTION ${schema}.limits_max_in_flight(in_flight jsonb, max_concurrency float8, now float8, step_ms float8)
  RETURNS float8
  LANGUAGE plpgsql IMMUTABLE AS $plpgsql$
  BEGIN
    RETURN (
        SELECT least(max_concurrency, coalesce((in_flight->>'shrunkTo')::float8, 'Infinity')
          + floor(greatest(0, now - coalesce((in_flight->>'heldUntil')::float8, '-Infinity')) / step_ms))
    );
  END
  $plpgsql$`,
];
