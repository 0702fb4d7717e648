-- People and what they post. Applications written for tables without these constraints keep working:
-- unqualified names, INSERT without uuid, timestamps without a zone (taken as UTC), and several users whose
-- cognito_user_id is still 'MOCK'.

-- A timestamp without a zone means UTC here, whatever the zone of the machine.
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET timezone TO %L', current_database(), 'UTC');
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'not the owner of %: its time zone stays as it is', current_database();
END
$$;

-- Applications call uuid_generate_v4(). Where the server doesn't bring uuid-ossp, a function of that name does the same.
DO $$
BEGIN
  IF to_regprocedure('public.uuid_generate_v4()') IS NOT NULL THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'uuid-ossp') THEN
    CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
  ELSE
    CREATE FUNCTION public.uuid_generate_v4() RETURNS uuid
      LANGUAGE sql VOLATILE PARALLEL SAFE AS 'SELECT gen_random_uuid()';
  END IF;
END
$$;

CREATE TABLE public.users (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  display_name text NOT NULL,
  handle text NOT NULL UNIQUE,
  email text NOT NULL,
  cognito_user_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT current_timestamp
);

-- One account, one user; 'MOCK' stands for "no account yet" and may stand often.
CREATE UNIQUE INDEX users_cognito_user_id_key ON public.users (cognito_user_id) WHERE cognito_user_id <> 'MOCK';

CREATE TABLE public.activities (
  uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- Deleting a user worked before there was a foreign key, and still does.
  user_uuid uuid NOT NULL REFERENCES public.users (uuid) ON DELETE CASCADE,
  message text NOT NULL,
  replies_count integer NOT NULL DEFAULT 0,
  reposts_count integer NOT NULL DEFAULT 0,
  likes_count integer NOT NULL DEFAULT 0,
  reply_to_activity_uuid uuid REFERENCES public.activities (uuid) ON DELETE SET NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT current_timestamp
);

CREATE INDEX activities_user_uuid_idx ON public.activities (user_uuid);
CREATE INDEX activities_reply_to_activity_uuid_idx ON public.activities (reply_to_activity_uuid);
