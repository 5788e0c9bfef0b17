/**
 * Applies one change to the JSON of a `LimiterState`.
 *
 * @remarks `change` is a `LimiterChange` of `limits/limiter-change.ts`. Its instants are by the shared clock,
 * except `until` of a refusal: that is by the clock of the process, which read `sent_at` when it sent the change.
 */
export const limiterChange = (schema: string): string =>
  `CREATE FUNCTION ${schema}.limits_apply(
    limiter jsonb, change jsonb, requests_in_flight float8, now float8, sent_at float8, options jsonb
  ) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE AS $plpgsql$
  DECLARE
    span_ms constant float8 := (options->>'windowMs')::float8 + (options->>'marginMs')::float8;
    -- The rest of the margin allows for clocks of different speeds.
    unneeded_margin_ms constant float8 := greatest(0, (options->>'marginMs')::float8 - (options->>'windowMs')::float8 / 1000);
    day jsonb := limiter->'day';
    in_flight jsonb := limiter->'inFlight';
    booked_at float8;
    actual_at float8;
    until float8;
  BEGIN
    CASE change->>'type'
    WHEN 'settle', 'return' THEN
      booked_at := (change->>'until')::float8;
      IF change->>'type' = 'return' THEN
        day := ${schema}.limits_day_uncount(
          day, (change->>'takenAt')::float8, booked_at, (options->>'marginMs')::float8);
      ELSIF (change->>'isAnswered')::boolean THEN
        actual_at := least(booked_at, (change->>'endedAt')::float8 - unneeded_margin_ms);
      ELSE
        actual_at := booked_at;
      END IF;
      -- Of a booking that the window has passed, nothing is left in the log.
      IF booked_at + span_ms > now THEN
        limiter := limiter || jsonb_build_object('grants', ${schema}.limits_grant_log_replace(
          limiter->'grants', booked_at, (change->>'tokens')::float8, actual_at, (change->>'spent')::float8));
      END IF;
      RETURN limiter || jsonb_build_object('day', day);

    WHEN 'refuse' THEN
      -- 8.64e15 is the latest instant of a JavaScript date.
      until := least(8.64e15, now + (coalesce((change->>'until')::float8, 'Infinity') - sent_at));
      IF change->>'scope' <> 'day' THEN
        until := least(until, now + coalesce((options->>'maxRefusalMs')::float8, 'Infinity'));
      END IF;
      IF until <= now THEN
        RETURN limiter;
      END IF;
      CASE change->>'scope'
      WHEN 'minute' THEN
        RETURN limiter || jsonb_build_object('refusedUntil', greatest((limiter->>'refusedUntil')::float8, until));
      WHEN 'day' THEN
        RETURN limiter || jsonb_build_object('day', day || jsonb_build_object(
          'refusedUntil', greatest((day->>'refusedUntil')::float8, until)));
      WHEN 'concurrency' THEN
        -- Of requests that were granted together, only one refusal lowers the limit.
        IF coalesce((change->>'grantedAt')::float8, now) > coalesce((in_flight->>'shrunkAt')::float8, '-Infinity') THEN
          in_flight := in_flight || jsonb_build_object(
            'shrunkTo', greatest(1, floor(requests_in_flight / 2)), 'shrunkAt', now);
        END IF;
        RETURN limiter || jsonb_build_object('inFlight', in_flight || jsonb_build_object(
          'heldUntil', greatest((in_flight->>'heldUntil')::float8, until)));
      END CASE;

    WHEN 'limits' THEN
      -- An infinite limit is absent; in a change it is null.
      IF change->'limits' ? 'requestsPerDay' AND coalesce((change->'limits'->>'requestsPerDay')::float8, 'Infinity')
        > coalesce((limiter->'limits'->>'requestsPerDay')::float8, 'Infinity') THEN
        day := day - 'refusedUntil';
      END IF;
      RETURN limiter || jsonb_build_object(
        'limits', jsonb_strip_nulls((limiter->'limits') || (change->'limits')), 'day', day);

    WHEN 'day' THEN
      RETURN limiter || jsonb_build_object('day', day || jsonb_build_object(
        'takenOver', greatest((day->>'takenOver')::float8, (change->>'used')::float8),
        'used', greatest((day->>'used')::float8, (change->>'used')::float8)));
    END CASE;
  END
  $plpgsql$`;
