package imports

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is what a file is about.
type Kind string

// The kinds: children with their placement and guardians; locations and groups; people who work in groups.
const (
	Planning Kind = "planning"
	Groups   Kind = "groups"
	Staff    Kind = "staff"
)

// Kinds lists them in the order in which they are offered.
var Kinds = []Kind{Planning, Groups, Staff}

// Field is what a column can mean; empty for a column that is not looked at.
type Field string

// What rows are about, for the changes that add something.
const (
	aChild     Field = "child"
	aPlacement Field = "placement"
	aGuardian  Field = "guardian"
	aLocation  Field = "new_location"
	aGroup     Field = "new_group"
	aColleague Field = "colleague"
	aTie       Field = "tie"
)

const (
	number     Field = "number"
	givenName  Field = "given_name"
	prefix     Field = "prefix"
	familyName Field = "family_name"
	birthOn    Field = "birth_on"
	location   Field = "location"
	group      Field = "group"
	careType   Field = "care"
	startsOn   Field = "starts_on"
	endsOn     Field = "ends_on"
	weekdays   Field = "days"
	fromTime   Field = "from_time"
	toTime     Field = "to_time"
	mentor     Field = "mentor"
	email      Field = "email"
	phone      Field = "phone"
	street     Field = "street"
	postcode   Field = "postcode"
	city       Field = "city"
	lrkNumber  Field = "lrk"
	fromAge    Field = "from_age"
	toAge      Field = "to_age"
	role       Field = "role"
	tieKind    Field = "kind"
	household  Field = "household"
)

// Most is how many guardians a row of a planning can name.
const Most = 2

// dayFields are the columns of a planning with one for each weekday; ISO, from Monday.
var dayFields = [7]Field{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// ofGuardian is a column about the first or second guardian.
func ofGuardian(n int, f Field) Field { return Field([]string{"guardian_1_", "guardian_2_"}[n]) + f }

// column describes a field in a kind of file.
type column struct {
	field    Field
	required bool
	names    []string // headers that mean it; the first Dutch and the first English one head the template
	example  [2]string
}

// nl and en are the places of the languages in names and examples.
const (
	nl = 0
	en = 1
)

var guardianAttributes = []column{
	{field: givenName, names: []string{"voornaam", "first name", "roepnaam", "given name"}, example: [2]string{"Eva", "Eva"}},
	{field: prefix, names: []string{"tussenvoegsel", "prefix", "voorvoegsel", "tussenvoegsels"}, example: [2]string{"van", "van"}},
	{field: familyName, names: []string{"achternaam", "last name", "familienaam", "family name", "surname"}, example: [2]string{"Dijk", "Dijk"}},
	{field: email, names: []string{"e-mail", "email", "e-mailadres", "mail", "mailadres", "email address"}, example: [2]string{"eva@voorbeeld.nl", "eva@example.com"}},
	{field: phone, names: []string{"telefoon", "phone", "telefoonnummer", "mobiel", "mobile", "tel", "phone number", "mobiel nummer"}, example: [2]string{"06 12 34 56 78", "06 12 34 56 78"}},
	{field: tieKind, names: []string{"soort", "kind", "relatie", "rol", "relation", "band", "type"}, example: [2]string{"gezag", "authority"}},
	{field: household, names: []string{"huishouden", "household", "gezin", "adres nr"}, example: [2]string{"1", "1"}},
}

// columnsOf lists what a kind of file can hold, in the order of its template.
func columnsOf(k Kind) []column { return catalogue()[k] }

var catalogue = sync.OnceValue(func() map[Kind][]column {
	planning := []column{
		{number, false, []string{"kindnummer", "child number", "kind nr", "nummer", "nr", "kind id", "kindcode", "extern nummer", "child id", "external reference", "number", "debiteurnummer kind", "referentie", "reference"}, [2]string{"10234", "10234"}},
		{givenName, true, []string{"voornaam", "first name", "voornaam kind", "roepnaam", "roepnaam kind", "kind voornaam", "child first name", "given name", "child given name"}, [2]string{"Mila", "Mila"}},
		{prefix, false, []string{"tussenvoegsel", "prefix", "tussenvoegsel kind", "voorvoegsel", "kind tussenvoegsel", "tussenvoegsels"}, [2]string{"van", "van"}},
		{familyName, false, []string{"achternaam", "last name", "achternaam kind", "familienaam", "kind achternaam", "child last name", "family name", "surname"}, [2]string{"Dijk", "Dijk"}},
		{birthOn, true, []string{"geboortedatum", "date of birth", "geboren", "geb datum", "geboortedatum kind", "geboren op", "gebdatum", "birth date", "birthday", "dob", "born"}, [2]string{"8-7-2024", "8-7-2024"}},
		{location, false, []string{"locatie", "location", "vestiging", "locatienaam", "kinderdagverblijf", "house", "branch"}, [2]string{"De Brink", "De Brink"}},
		{group, false, []string{"groep", "group", "stamgroep", "basisgroep", "groepsnaam", "stam of basisgroep", "group name"}, [2]string{"Kikkers", "Kikkers"}},
		{careType, false, []string{"opvangsoort", "care type", "soort opvang", "opvang", "opvangvorm", "product", "type of care"}, [2]string{"kdv", "day care"}},
		{startsOn, false, []string{"startdatum", "start date", "start", "ingangsdatum", "begindatum", "plaatsing van", "begin", "vanaf", "eerste dag", "ingang", "start on", "starts"}, [2]string{"1-9-2025", "1-9-2025"}},
		{endsOn, false, []string{"einddatum", "end date", "einde", "plaatsing tot", "eind", "laatste dag", "tot en met", "end", "ends", "last day"}, [2]string{"7-7-2028", "7-7-2028"}},
		{weekdays, false, []string{"dagen", "days", "opvangdagen", "weekdagen", "dagdelen", "contractdagen", "weekdays", "care days"}, [2]string{"ma 07:30-18:00; di 07:30-18:00; do 07:30-12:30", "Mon 07:30-18:00; Tue 07:30-18:00; Thu 07:30-12:30"}},
	}
	for i, names := range [7][]string{{"maandag", "monday", "ma", "mon"}, {"dinsdag", "tuesday", "di", "tue"}, {"woensdag", "wednesday", "wo", "wed"}, {"donderdag", "thursday", "do", "thu"},
		{"vrijdag", "friday", "vr", "fri"}, {"zaterdag", "saturday", "za", "sat"}, {"zondag", "sunday", "zo", "sun"}} {
		planning = append(planning, column{field: dayFields[i], names: names})
	}
	planning = append(planning,
		column{fromTime, false, []string{"begintijd", "from time", "van", "starttijd", "tijd van", "start time"}, [2]string{}},
		column{toTime, false, []string{"eindtijd", "to time", "tot", "tijd tot", "end time"}, [2]string{}},
		column{mentor, false, []string{"mentor", "mentor", "e-mail mentor", "mentor e-mail", "mentor email"}, [2]string{"sanne@voorbeeld.nl", "sanne@example.com"}},
	)
	for n := range Most {
		planning = append(planning, guardianColumns(n)...)
	}
	return map[Kind][]column{
		Planning: planning,
		Groups: {
			{location, true, []string{"locatie", "location", "vestiging", "locatienaam"}, [2]string{"De Brink", "De Brink"}},
			{street, false, []string{"straat", "street", "adres", "straat en huisnummer", "address"}, [2]string{"Brinkweg 4", "Brinkweg 4"}},
			{postcode, false, []string{"postcode", "postcode", "pc", "zip", "postal code"}, [2]string{"7437 AA", "7437 AA"}},
			{city, false, []string{"plaats", "city", "woonplaats", "town"}, [2]string{"Bathmen", "Bathmen"}},
			{phone, false, []string{"telefoon", "phone", "telefoonnummer", "tel"}, [2]string{"0570 12 34 56", "0570 12 34 56"}},
			{email, false, []string{"e-mail", "email", "e-mailadres", "mail"}, [2]string{"debrink@voorbeeld.nl", "debrink@example.com"}},
			{careType, true, []string{"opvangsoort", "care type", "soort opvang", "opvang", "opvangvorm"}, [2]string{"kdv", "day care"}},
			{lrkNumber, false, []string{"lrk-nummer", "lrk number", "lrk", "lrk nr", "registratienummer"}, [2]string{"123456789", "123456789"}},
			{group, true, []string{"groep", "group", "groepsnaam", "stamgroep", "basisgroep", "group name"}, [2]string{"Kikkers", "Kikkers"}},
			{fromAge, false, []string{"leeftijd vanaf", "age from", "vanaf jaar", "leeftijd van", "van jaar", "min leeftijd"}, [2]string{"0", "0"}},
			{toAge, false, []string{"leeftijd tot", "age to", "tot jaar", "max leeftijd"}, [2]string{"4", "4"}},
		},
		Staff: {
			{givenName, true, []string{"voornaam", "first name", "roepnaam", "given name"}, [2]string{"Sanne", "Sanne"}},
			{prefix, false, []string{"tussenvoegsel", "prefix", "voorvoegsel", "tussenvoegsels"}, [2]string{"de", "de"}},
			{familyName, false, []string{"achternaam", "last name", "familienaam", "surname", "family name"}, [2]string{"Groot", "Groot"}},
			{email, true, []string{"e-mail", "email", "e-mailadres", "mail", "mailadres"}, [2]string{"sanne@voorbeeld.nl", "sanne@example.com"}},
			{phone, false, []string{"telefoon", "phone", "telefoonnummer", "mobiel", "mobile", "tel"}, [2]string{"06 12 34 56 78", "06 12 34 56 78"}},
			{role, false, []string{"functie", "role", "rol", "job"}, [2]string{"medewerker", "staff"}},
			{location, false, []string{"locatie", "location", "vestiging"}, [2]string{"De Brink", "De Brink"}},
			{group, false, []string{"groep", "group", "stamgroep", "basisgroep"}, [2]string{"Kikkers", "Kikkers"}},
			{startsOn, false, []string{"startdatum", "start date", "in dienst", "vanaf", "ingangsdatum", "start"}, [2]string{"1-9-2025", "1-9-2025"}},
			{endsOn, false, []string{"einddatum", "end date", "uit dienst", "tot en met", "einde", "end"}, [2]string{"", ""}},
		},
	}
})

// guardianColumns are the columns of the first or second guardian: "ouder 1 voornaam", "voornaam verzorger 1" and so on.
func guardianColumns(n int) []column {
	digit := string(rune('1' + n))
	var list []column
	for _, a := range guardianAttributes {
		c := column{field: ofGuardian(n, a.field), names: []string{"ouder " + digit + " " + a.names[nl], "guardian " + digit + " " + a.names[en]}}
		if n == 0 {
			c.example = a.example
		}
		for _, who := range []string{"ouder", "guardian", "parent", "verzorger", "ouder/verzorger", "contactpersoon", "contact"} {
			for _, name := range a.names {
				c.names = append(c.names, who+" "+digit+" "+name, name+" "+who+" "+digit)
				if n == 0 {
					c.names = append(c.names, who+" "+name, name+" "+who)
				}
			}
		}
		list = append(list, c)
	}
	return list
}

// FieldsOf lists what a column of a kind of file can mean.
func FieldsOf(k Kind) []Field {
	columns := columnsOf(k)
	list := make([]Field, len(columns))
	for i, c := range columns {
		list[i] = c.field
	}
	return list
}

// KindNamed is the kind with this name.
func KindNamed(name string) (Kind, bool) {
	return Kind(name), slices.Contains(Kinds, Kind(name))
}

// plain is a header as it is compared: letters and digits without accents, in lower case.
func plain(header string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(header))
}
