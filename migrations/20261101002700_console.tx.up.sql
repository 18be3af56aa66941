-- How names are compared, once more: also letters that are no letter with an accent, and the signs that stand for an
-- apostrophe. "isik" finds Işık, "lukasz" finds Łukasz, "strauss" finds Strauß and "van 't" finds van ’t.
CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(translate(
        lower(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g')),
        'ıłøđðħŧŋ’‘ʼ`´', 'iloddhtn'''''''''''), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
$$;

-- The columns are kept, so what is there is computed anew.
DO $$
DECLARE
    t uuid;
BEGIN
    FOR t IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        UPDATE child SET given_name = given_name WHERE tenant_id = t AND name_key <> name_key(given_name || ' ' || family_name);
        UPDATE person SET given_name = given_name WHERE tenant_id = t AND name_key <> name_key(given_name || ' ' || family_name);
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;
