package demo

import (
	"ouderportaal/internal/actor"
	"ouderportaal/modules/children"
)

// Password is what everybody in the demo signs in with.
const Password = "welkom in de demo"

// colleague is somebody who works at an organisation.
type colleague struct {
	given, family string
	email         string // before the @; empty: from the name
	role          actor.Role
	groups        []string // of staff
	location      string   // of a manager
	face          int
	left          int // days ago that they left; 0: still there
}

// family is children with the same guardians.
type family struct {
	name      string // of the children
	kids      []kid
	guardians []guardian
}

type kid struct {
	given   string
	girl    bool
	age     int // in months
	days    int // added to the age, so that birthdays differ; twins have the same
	face    int
	photos  consentStory
	stays   []stay
	favored bool // is in every post of the group on the days that they come
}

// stay is a placement. Days count from today; zero for until is no end, and for since a year ago at most.
type stay struct {
	group    string
	weekdays []int // ISO
	since    int
	until    int
}

type guardian struct {
	given, family string
	email         string // before the @; empty: from the name
	language      string
	woman         bool
	face          int
	kind          children.Kind // empty: gezag
	household     int           // 0: 1
	blocked       string        // the reason
	colleague     string        // mail name of somebody who also works here
	mute          bool          // has no mail address
	invited       bool          // has no account yet: the invitation is planned, or goes when the demo starts
}

// consentStory is how a family has answered the question about photos.
type consentStory int

const (
	granted consentStory = iota
	refused
	neverAsked
	refusedThenGranted
	grantedThenWithdrawn
)

// Login is one way into the demo that is worth printing.
type Login struct {
	Organisation, Email, Who string
	App                      bool // needs a code besides the password
}

// newcomers are those whose role asks for an authenticator app and who have none.
var newcomers = []string{"manager2@bathmen.example", "manager2@vuurtoren.example"}

// Logins lists a sign-in for each role and each kind of family.
func Logins() []Login {
	const bathmen, vuurtoren, klaproos = "kinderopvangbathmen", "devuurtoren", "klaproos"
	return []Login{
		{bathmen, "sanne@bathmen.example", "staff of Kikkers", true},
		{bathmen, "ouder@bathmen.example", "parent of Mila and Finn in Kikkers", false},
		{bathmen, "vader@bathmen.example", "their other parent, another household", false},
		{bathmen, "geenfoto@bathmen.example", "parent of Noor: no consent to photos", false},
		{bathmen, "geblokkeerd@bathmen.example", "parent whose tie is blocked: sees nobody", false},
		{bathmen, "starter@bathmen.example", "parent of Jip, who starts in six weeks", false},
		{bathmen, "english@bathmen.example", "parent who reads English", false},
		{bathmen, "oma@bathmen.example", "collects Mila and Finn, reads nothing", false},
		{bathmen, "marieke@bathmen.example", "staff of Uiltjes and parent in Egels", true},
		{bathmen, "manager@bathmen.example", "manager of De Brink", true},
		{bathmen, newcomers[0], "manager of Het Zonnebos, who sets up a second factor first", false},
		{bathmen, "beheer@bathmen.example", "admin", true},
		{vuurtoren, "jelle@vuurtoren.example", "staff of Krabbetjes", true},
		{vuurtoren, "ouder@vuurtoren.example", "parent of Pepijn in Krabbetjes", false},
		{vuurtoren, newcomers[1], "manager of Duinzicht, who sets up a second factor first", false},
		{vuurtoren, "beheer@vuurtoren.example", "admin", true},
		{klaproos, "ans@klaproos.example", "staff of Bijtjes", true},
		{klaproos, "ouder@klaproos.example", "parent of Jade in Bijtjes", false},
		{klaproos, "beheer@klaproos.example", "admin", true},
	}
}

var bathmenStaff = []colleague{
	{given: "Sanne", family: "de Groot", email: "sanne", role: actor.Staff, groups: []string{"Kikkers"}, face: 28},
	{given: "Youssef", family: "Amrani", email: "youssef", role: actor.Staff, groups: []string{"Kikkers", "Egels"}, face: 4},
	{given: "Marieke", family: "Lubbers", email: "marieke", role: actor.Staff, groups: []string{"Uiltjes"}, face: 57},
	{given: "Ton", family: "Wissink", role: actor.Staff, groups: []string{"Kikkers"}, face: 91, left: 90},
	{given: "Annelies", family: "Kolkman", email: "manager", role: actor.Manager, location: "De Brink", face: 12},
	{given: "Rutger", family: "Haverkamp", email: "manager2", role: actor.Manager, location: "Het Zonnebos", face: 33},
	{given: "Bea", family: "Oldenhof", email: "beheer", role: actor.Admin, face: 45},
}

var (
	mondayTuesdayThursday = []int{1, 2, 4}
	everyDay              = []int{1, 2, 3, 4, 5}
)

var bathmenFamilies = []family{
	{ // parents who live apart, a new partner's household, and a grandmother who collects
		name: "Jansen",
		kids: []kid{
			{given: "Mila", girl: true, age: 34, days: 11, face: 21, favored: true, stays: []stay{{group: "Kikkers", weekdays: mondayTuesdayThursday, since: -700}}},
			{given: "Finn", age: 15, days: 4, face: 23, favored: true, stays: []stay{{group: "Kikkers", weekdays: mondayTuesdayThursday, since: -330}}},
		},
		guardians: []guardian{
			{given: "Eva", family: "Jansen", email: "ouder", woman: true, face: 13},
			{given: "Daan", family: "Roelofs", email: "vader", face: 66, household: 2},
			{given: "Gerda", family: "Jansen", email: "oma", woman: true, face: 80, kind: children.Collector, household: 3},
		},
	},
	{ // photos refused
		name:      "Aydin",
		kids:      []kid{{given: "Noor", girl: true, age: 31, face: 9, favored: true, photos: refused, stays: []stay{{group: "Kikkers", weekdays: []int{1, 2, 4, 5}, since: -500}}}},
		guardians: []guardian{{given: "Leyla", family: "Aydin", email: "geenfoto", woman: true, face: 38}, {given: "Murat", family: "Aydin", face: 71}},
	},
	{ // one tie blocked
		name: "van Beek",
		kids: []kid{{given: "Sem", age: 27, days: 19, face: 48, stays: []stay{{group: "Kikkers", weekdays: []int{2, 3, 5}, since: -400}}}},
		guardians: []guardian{
			{given: "Inge", family: "van Beek", woman: true, face: 52},
			{given: "Ralf", family: "Stokman", email: "geblokkeerd", face: 75, household: 2, blocked: "Uitspraak van de rechtbank: geen contact met het kind en geen informatie, tot nader bericht. Kopie in het dossier."},
		},
	},
	{ // one guardian; reads English
		name:      "Carter",
		kids:      []kid{{given: "Ruby", girl: true, age: 22, days: 7, face: 61, favored: true, stays: []stay{{group: "Kikkers", weekdays: []int{1, 3, 4}, since: -300}}}},
		guardians: []guardian{{given: "Megan", family: "Carter", email: "english", woman: true, language: "en", face: 17}},
	},
	{ // never asked about photos
		name:      "Wolbers",
		kids:      []kid{{given: "Tijmen", age: 20, face: 84, photos: neverAsked, stays: []stay{{group: "Kikkers", weekdays: []int{4, 5}, since: -25}}}},
		guardians: []guardian{{given: "Carola", family: "Wolbers", woman: true, face: 29}, {given: "Sjoerd", family: "Wolbers", face: 95}},
	},
	{ // twins
		name: "Pham",
		kids: []kid{
			{given: "Lien", girl: true, age: 25, days: 3, face: 102, stays: []stay{{group: "Kikkers", weekdays: []int{2, 3}, since: -420}}},
			{given: "Minh", age: 25, days: 3, face: 105, stays: []stay{{group: "Kikkers", weekdays: []int{2, 3}, since: -420}}},
		},
		guardians: []guardian{{given: "Thuy", family: "Pham", woman: true, face: 108}, {given: "Bart", family: "Kempers", face: 111}},
	},
	{ // starts in six weeks
		name:      "Nijland",
		kids:      []kid{{given: "Jip", age: 3, face: 118, photos: neverAsked, stays: []stay{{group: "Egels", weekdays: []int{1, 2}, since: 42}}}},
		guardians: []guardian{{given: "Roos", family: "Nijland", email: "starter", woman: true, face: 121}, {given: "Jorn", family: "Nijland", face: 124, invited: true}},
	},
	{ // starts in three weeks, and the mail about it is late
		name:      "Aydin",
		kids:      []kid{{given: "Sef", age: 5, face: 119, photos: neverAsked, stays: []stay{{group: "Egels", weekdays: []int{1, 2}, since: 21}}}},
		guardians: []guardian{{given: "Elif", family: "Aydin", email: "welkom", woman: true, face: 122, invited: true}},
	},
	{ // two locations
		name:      "Okafor",
		kids:      []kid{{given: "Ada", girl: true, age: 30, days: 22, face: 130, stays: []stay{{group: "Egels", weekdays: []int{1, 2}, since: -380}, {group: "Eekhoorns", weekdays: []int{4}, since: -200}}}},
		guardians: []guardian{{given: "Grace", family: "Okafor", woman: true, face: 133}, {given: "Chidi", family: "Okafor", face: 136}},
	},
	{ // left three weeks ago
		name:      "Slot",
		kids:      []kid{{given: "Mats", age: 47, days: 9, face: 140, stays: []stay{{group: "Kikkers", weekdays: []int{1, 4}, since: -900, until: -21}}}},
		guardians: []guardian{{given: "Elke", family: "Slot", email: "vertrokken", woman: true, face: 143}},
	},
	{ // turns four: from day care to out-of-school care
		name:      "Ensink",
		kids:      []kid{{given: "Fay", girl: true, age: 47, days: 15, face: 150, stays: []stay{{group: "Eekhoorns", weekdays: []int{1, 2, 4}, since: -1000, until: 13}, {group: "Vossen", weekdays: []int{1, 2, 4}, since: 14}}}},
		guardians: []guardian{{given: "Mirjam", family: "Ensink", woman: true, face: 153}, {given: "Guido", family: "Ensink", face: 156}},
	},
	{ // works here as well; the other parent has a right to information only
		name: "Lubbers",
		kids: []kid{{given: "Bo", girl: true, age: 13, days: 6, face: 160, stays: []stay{{group: "Egels", weekdays: []int{1, 3, 5}, since: -200}}}},
		guardians: []guardian{
			{colleague: "marieke"},
			{given: "Olaf", family: "Hesselink", email: "informatie", face: 163, kind: children.Information, household: 2},
			{given: "Corrie", family: "Lubbers", woman: true, face: 166, kind: children.Relative, household: 3, mute: true},
		},
	},
	{ // consent withdrawn
		name:      "Brinkman",
		kids:      []kid{{given: "Lux", age: 36, face: 170, photos: grantedThenWithdrawn, stays: []stay{{group: "Uiltjes", weekdays: []int{4}, since: -240}}}},
		guardians: []guardian{{given: "Tessa", family: "Brinkman", email: "ingetrokken", woman: true, face: 173}},
	},
	{ // left nearly two years ago: the file goes soon
		name:      "Reinders",
		kids:      []kid{{given: "Pim", age: 69, days: 4, face: 180, photos: neverAsked, stays: []stay{{group: "Kikkers", weekdays: []int{1, 2}, since: -1900, until: -leftLongAgo}}}},
		guardians: []guardian{{given: "Ilse", family: "Reinders", email: "afscheid", woman: true, face: 183}},
	},
}

var vuurtorenStaff = []colleague{
	{given: "Jelle", family: "Duin", email: "jelle", role: actor.Staff, groups: []string{"Krabbetjes"}, face: 36},
	{given: "Corine", family: "Boon", email: "manager", role: actor.Manager, location: "Havenkade", face: 64},
	{given: "Simon", family: "Kaptein", email: "manager2", role: actor.Manager, location: "Duinzicht", face: 67},
	{given: "Hester", family: "Zeeman", email: "beheer", role: actor.Admin, face: 70},
}

var vuurtorenFamilies = []family{
	{
		name:      "Visscher",
		kids:      []kid{{given: "Pepijn", age: 29, face: 27, favored: true, stays: []stay{{group: "Krabbetjes", weekdays: []int{1, 2, 4, 5}, since: -400}}}},
		guardians: []guardian{{given: "Willemijn", family: "Visscher", email: "ouder", woman: true, face: 73}, {given: "Jaap", family: "Visscher", face: 76}},
	},
}

var klaproosStaff = []colleague{
	{given: "Ans", family: "Verbakel", email: "ans", role: actor.Staff, groups: []string{"Bijtjes"}, face: 41},
	{given: "Geert", family: "van Erp", email: "manager", role: actor.Manager, location: "Veldweg", face: 79},
	{given: "Loes", family: "Donkers", email: "beheer", role: actor.Admin, face: 82},
}

var klaproosFamilies = []family{
	{
		name:      "Goossens",
		kids:      []kid{{given: "Jade", girl: true, age: 33, face: 31, favored: true, stays: []stay{{group: "Bijtjes", weekdays: everyDay, since: -600}}}},
		guardians: []guardian{{given: "Kaat", family: "Goossens", email: "ouder", woman: true, face: 85}},
	},
}
