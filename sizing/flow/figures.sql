SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      'delays' AS "view",
      '' AS "host",
      CAST(0 AS BIGINT) AS "hour",
      "t9"."kind",
      "t9"."status",
      "t9"."direction",
      "t9"."bin",
      "t9"."events",
      CAST(0 AS BIGINT) AS "firsts",
      0.0 AS "bytes",
      0.0 AS "recipients"
    FROM (
      SELECT
        "t1"."kind",
        "t1"."status",
        "t1"."direction",
        CAST(FLOOR(
          (
            LN(CAST(GREATEST("t1"."delay_ms", 1) AS DOUBLE)) * 46.16624130844683
          ) + 1e-09
        ) AS BIGINT) AS "bin",
        COUNT(*) AS "events"
      FROM (
        SELECT
          *
        FROM "events" AS "t0"
        WHERE
          "t0"."kind" = 2 AND "t0"."status" = 1 AND "t0"."delay_ms" IS NOT NULL
      ) AS "t1"
      GROUP BY
        1,
        2,
        3,
        4
    ) AS "t9"
  ) AS "t11"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      'queueing' AS "view",
      '' AS "host",
      CAST(0 AS BIGINT) AS "hour",
      "t10"."kind",
      "t10"."status",
      "t10"."direction",
      "t10"."bin",
      "t10"."events",
      CAST(0 AS BIGINT) AS "firsts",
      0.0 AS "bytes",
      0.0 AS "recipients"
    FROM (
      SELECT
        "t2"."kind",
        "t2"."status",
        "t2"."direction",
        CAST(FLOOR(
          (
            LN(CAST(GREATEST("t2"."in_queue_ms", 1) AS DOUBLE)) * 46.16624130844683
          ) + 1e-09
        ) AS BIGINT) AS "bin",
        COUNT(*) AS "events"
      FROM (
        SELECT
          *
        FROM "events" AS "t0"
        WHERE
          "t0"."kind" = 2 AND "t0"."status" = 1 AND "t0"."in_queue_ms" IS NOT NULL
      ) AS "t2"
      GROUP BY
        1,
        2,
        3,
        4
    ) AS "t10"
  ) AS "t12"
) AS "t14"
UNION ALL
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      'codes' AS "view",
      '' AS "host",
      "t6"."hour",
      "t6"."kind",
      "t6"."status",
      "t6"."direction",
      "t6"."bin",
      "t6"."events",
      CAST(0 AS BIGINT) AS "firsts",
      0.0 AS "bytes",
      0.0 AS "recipients"
    FROM (
      SELECT
        "t3"."kind",
        "t3"."status",
        "t3"."direction",
        CAST(FLOOR((
          EPOCH(CAST("t3"."time" AS TIMESTAMP))
        ) / (
          3600
        )) AS BIGINT) AS "hour",
        CAST("t3"."code" AS BIGINT) AS "bin",
        COUNT(*) AS "events"
      FROM (
        SELECT
          *
        FROM "events" AS "t0"
        WHERE
          "t0"."kind" = 4 AND "t0"."code" IS NOT NULL
      ) AS "t3"
      GROUP BY
        1,
        2,
        3,
        4,
        5
    ) AS "t6"
  ) AS "t8"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        'hours' AS "view",
        "t5"."host",
        "t5"."hour",
        "t5"."kind",
        "t5"."status",
        "t5"."direction",
        CAST(0 AS BIGINT) AS "bin",
        "t5"."events",
        "t5"."firsts",
        "t5"."bytes",
        "t5"."recipients"
      FROM (
        SELECT
          "t0"."kind",
          "t0"."status",
          "t0"."direction",
          CAST(FLOOR((
            EPOCH(CAST("t0"."time" AS TIMESTAMP))
          ) / (
            3600
          )) AS BIGINT) AS "hour",
          "t0"."host",
          COUNT(*) AS "events",
          SUM(CAST("t0"."first" AS BIGINT)) AS "firsts",
          COALESCE(SUM(CASE WHEN "t0"."first" THEN CAST("t0"."size" AS DOUBLE) ELSE 0.0 END), 0.0) AS "bytes",
          COALESCE(
            SUM(CASE WHEN "t0"."first" THEN CAST("t0"."recipients" AS DOUBLE) ELSE 0.0 END),
            0.0
          ) AS "recipients"
        FROM "events" AS "t0"
        GROUP BY
          1,
          2,
          3,
          4,
          5
      ) AS "t5"
    ) AS "t7"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        'sizes' AS "view",
        '' AS "host",
        CAST(0 AS BIGINT) AS "hour",
        "t13"."kind",
        "t13"."status",
        "t13"."direction",
        "t13"."bin",
        "t13"."events",
        "t13"."firsts",
        "t13"."bytes",
        0.0 AS "recipients"
      FROM (
        SELECT
          "t4"."kind",
          "t4"."status",
          "t4"."direction",
          CAST(FLOOR((
            LN(CAST(GREATEST("t4"."size", 1) AS DOUBLE)) * 46.16624130844683
          ) + 1e-09) AS BIGINT) AS "bin",
          COUNT(*) AS "events",
          COUNT(*) AS "firsts",
          COALESCE(SUM(CAST("t4"."size" AS DOUBLE)), 0.0) AS "bytes"
        FROM (
          SELECT
            *
          FROM "events" AS "t0"
          WHERE
            "t0"."first"
            AND (
              "t0"."kind" IN (1, 5, 6)
              OR (
                (
                  "t0"."kind" = 2
                ) AND (
                  "t0"."status" = 5
                )
              )
            )
            AND "t0"."size" IS NOT NULL
        ) AS "t4"
        GROUP BY
          1,
          2,
          3,
          4
      ) AS "t13"
    ) AS "t15"
  ) AS "t16"
) AS "t17"
