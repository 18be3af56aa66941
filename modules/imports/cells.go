package imports

import (
	"strings"

	"ouderportaal/modules/children"
	"ouderportaal/modules/identity"
)

// What columns of the database hold, in characters.
const (
	maxName     = 80
	maxLocation = 120
	maxNumber   = 40
	maxAddress  = 120
)

// tidy is a cell on one line with single spaces.
func tidy(cell string) string { return strings.Join(strings.Fields(cell), " ") }

// checkName refuses what identity refuses in a form.
func checkName(name string, most int) trouble {
	key, args := identity.CheckName(name, most)
	return trouble{key, args}
}

// checkLabel refuses what is too long for the name of a place or an address; digits and signs are fine there.
func checkLabel(text string, most int) trouble {
	key, args := identity.CheckLength(text, most)
	return trouble{key, args}
}

func parseEmail(cell string) (string, trouble) {
	address, ok := identity.NormalizeEmail(cell)
	if !ok {
		return "", wrong("imports.error.email")
	}
	return address, trouble{}
}

func parsePhone(cell string) (string, trouble) {
	number, key := identity.ParsePhone(cell)
	return number, wrong(key)
}

func parsePostcode(cell string) (string, trouble) {
	postcode, key := identity.ParsePostcode(cell)
	return postcode, wrong(key)
}

var careNames = map[string]children.CareType{
	"kdv": children.DayCare, "dagopvang": children.DayCare, "kinderdagverblijf": children.DayCare, "heledagopvang": children.DayCare,
	"kinderdagopvang": children.DayCare, "daycare": children.DayCare, "nursery": children.DayCare,
	"bso": children.AfterSchool, "buitenschoolseopvang": children.AfterSchool, "naschoolseopvang": children.AfterSchool, "nso": children.AfterSchool,
	"vso": children.AfterSchool, "afterschool": children.AfterSchool, "outofschoolcare": children.AfterSchool, "afterschoolcare": children.AfterSchool,
	"psz": children.Playgroup, "peuteropvang": children.Playgroup, "peuterspeelzaal": children.Playgroup, "playgroup": children.Playgroup, "preschool": children.Playgroup,
	"gastouder": children.Childminder, "gastouderopvang": children.Childminder, "gob": children.Childminder, "childminder": children.Childminder,
}

func parseCare(cell string) (children.CareType, trouble) {
	care, known := careNames[plain(cell)]
	if !known {
		return "", wrong("imports.error.care")
	}
	return care, trouble{}
}

var tieNames = map[string]children.Kind{
	"gezag": children.Authority, "oudergezag": children.Authority, "oudermetgezag": children.Authority, "metgezag": children.Authority, "ouder": children.Authority,
	"moeder": children.Authority, "vader": children.Authority, "voogd": children.Authority, "authority": children.Authority, "parent": children.Authority,
	"mother": children.Authority, "father": children.Authority, "guardian": children.Authority,
	"informatierecht": children.Information, "informatie": children.Information, "ouderzondergezag": children.Information, "zondergezag": children.Information,
	"information": children.Information, "righttoinformation": children.Information,
	"ophaler": children.Collector, "ophalen": children.Collector, "magophalen": children.Collector, "collector": children.Collector, "maycollect": children.Collector,
	"familie": children.Relative, "family": children.Relative, "relative": children.Relative, "opa": children.Relative, "oma": children.Relative,
	"grandfather": children.Relative, "grandmother": children.Relative, "grootouder": children.Relative,
}

func parseTie(cell string) (children.Kind, trouble) {
	kind, known := tieNames[plain(cell)]
	if !known {
		return "", wrong("imports.error.tie")
	}
	return kind, trouble{}
}

func parseHousehold(cell string) (int, trouble) {
	n := digits(strings.TrimSpace(cell), 1)
	if n < 1 {
		return 0, wrong("imports.error.household")
	}
	return n, trouble{}
}
