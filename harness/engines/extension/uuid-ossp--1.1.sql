-- The functions of PostgreSQL's uuid-ossp (manual, F.51) that need no library. Version 5 wants SHA-1, which the server
-- offers only through pgcrypto; version 1 wants a network card's address: for both, say so when they are called.
CREATE FUNCTION uuid_generate_v4() RETURNS uuid
  LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT gen_random_uuid()';

CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT encode(set_byte(set_byte(hash, 6, get_byte(hash, 6) & 15 | 48), 8, get_byte(hash, 8) & 63 | 128), 'hex')::uuid
    FROM (SELECT decode(md5(decode(replace(namespace::text, '-', ''), 'hex') || convert_to(name, 'UTF8')), 'hex')) AS h (hash)
  $$;

CREATE FUNCTION uuid_generate_v1() RETURNS uuid
  LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
      RAISE feature_not_supported USING
        MESSAGE = 'uuid_generate_v1() needs the uuid-ossp library, which this server was built without',
        HINT = 'Use uuid_generate_v4() or uuidv7(), or harness up --engine docker.';
    END
  $$;

CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid
  LANGUAGE sql VOLATILE AS 'SELECT uuid_generate_v1()';

CREATE FUNCTION uuid_generate_v5(namespace uuid, name text) RETURNS uuid
  LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
      RAISE feature_not_supported USING
        MESSAGE = 'uuid_generate_v5() needs the uuid-ossp library, which this server was built without',
        HINT = 'Use uuid_generate_v3() or uuid_generate_v4(), or harness up --engine docker.';
    END
  $$;

CREATE FUNCTION uuid_nil() RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT '00000000-0000-0000-0000-000000000000'::uuid $$;
CREATE FUNCTION uuid_ns_dns() RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid $$;
CREATE FUNCTION uuid_ns_url() RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid $$;
CREATE FUNCTION uuid_ns_oid() RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid $$;
CREATE FUNCTION uuid_ns_x500() RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid $$;
