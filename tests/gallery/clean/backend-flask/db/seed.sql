-- The people who write to each other, and one note on a wall.
INSERT INTO public.users (display_name, email, handle, cognito_user_id)
VALUES
  ('Ida Lind', 'ida@example.com', 'idalind', 'MOCK'),
  ('Otto Berg', 'otto@example.com', 'ottoberg', 'MOCK'),
  ('Mia Sol', 'mia@example.com', 'miasol', 'MOCK')
ON CONFLICT (handle) DO NOTHING;

INSERT INTO public.activities (user_uuid, message, expires_at)
SELECT users.uuid, 'The ferry is late again.', current_timestamp + interval '10 day'
FROM public.users
WHERE users.handle = 'idalind'
  AND NOT EXISTS (SELECT 1 FROM public.activities WHERE activities.user_uuid = users.uuid);
