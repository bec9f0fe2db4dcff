-- Run by the owner of the database. The server logs in as clinicians_app, which no policy exempts.
CREATE TABLE organizations (
  id uuid PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE api_keys (
  key_hash bytea PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations,
  revoked_at timestamptz
);

CREATE TABLE locations (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations,
  name text NOT NULL
);

CREATE TABLE clinicians (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations,
  name text NOT NULL,
  display_name text,
  first_name text,
  last_name text,
  title text,
  role text,
  email text,
  bio text,
  photo_url text,
  qualifications text,
  registration_number text,
  professional_registration_body text,
  is_active boolean NOT NULL,
  is_bookable_online boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  document tsvector GENERATED ALWAYS AS (
    to_tsvector(:'search_config'::regconfig,
                name || ' ' || coalesce(display_name, '') || ' ' || coalesce(email, ''))
  ) STORED
);
CREATE INDEX ON clinicians (organization_id, last_name, first_name, id);
CREATE INDEX ON clinicians USING gin (document);

CREATE TABLE clinician_locations (
  clinician_id uuid NOT NULL REFERENCES clinicians,
  location_id uuid NOT NULL REFERENCES locations,
  organization_id uuid NOT NULL REFERENCES organizations,
  PRIMARY KEY (clinician_id, location_id)
);

-- A setting that was local to a transaction is an empty string afterwards, not null.
CREATE FUNCTION current_organization() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('app.organization_id', true), '')::uuid $$;

ALTER TABLE clinicians ENABLE ROW LEVEL SECURITY;
ALTER TABLE locations ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinician_locations ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinicians USING (organization_id = current_organization());
CREATE POLICY tenant ON locations USING (organization_id = current_organization());
CREATE POLICY tenant ON clinician_locations USING (organization_id = current_organization());

CREATE ROLE clinicians_app LOGIN PASSWORD :'app_password';
GRANT SELECT ON ALL TABLES IN SCHEMA public TO clinicians_app;
