-- A link between accounts at two organisations holds once both have agreed to it: the request comes back from the other
-- organisation with the browser there, and who began confirms it in the browser in which they did.
ALTER TABLE account_link_request ADD COLUMN other_browser_id uuid;
COMMENT ON COLUMN account_link_request.other_browser_id IS 'At the other organisation, once somebody there agreed.';
