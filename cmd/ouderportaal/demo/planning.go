package demo

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"ouderportaal/internal/sheet"
)

// planningFile is where the demo puts a planning to import at Kinderopvang Bathmen; beside it lies one as old programs write it, and
// what an organisation that has nothing yet imports first.
const (
	planningFile    = "demo/planning.csv"
	planningWindows = "demo/planning-windows.csv"
	placesFile      = "demo/locaties.csv"
	staffFile       = "demo/medewerkers.csv"
)

// planned is how many children the planning has.
const planned = 300

// planningHead are its columns. The last one means nothing to the portal, as in the files of real programs.
var planningHead = []string{"Kindnummer", "Voornaam", "Tussenvoegsel", "Achternaam", "Geboortedatum", "Locatie", "Stamgroep", "Opvangsoort", "Ingangsdatum", "Einddatum", "Dagen", "Mentor e-mail",
	"Voornaam ouder 1", "Achternaam ouder 1", "E-mail ouder 1", "Mobiel ouder 1", "Soort ouder 1", "Huishouden ouder 1",
	"Voornaam ouder 2", "Achternaam ouder 2", "E-mail ouder 2", "Mobiel ouder 2", "Soort ouder 2", "Huishouden ouder 2", "Opmerking"}

// The places of columns that some rows say something special in.
const (
	inNumber, inGiven, inFamily, inBirth, inGroup, inStart, inEnd, inDays = 0, 1, 3, 4, 6, 8, 9, 10
	inEmail, inPhone, inKind, inRemark                                    = 14, 15, 16, 24
)

// writeFiles puts the files there once: they are dated from the day on which they are made.
func (d *demo) writeFiles() error {
	for name, content := range map[string][]byte{planningFile: planning(time.Now()), planningWindows: planningForWindows(time.Now()), placesFile: table(placeRows()), staffFile: table(staffRows())} {
		path := filepath.Join(d.Dir, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("demo: make room for the planning: %w", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("demo: write planning: %w", err)
		}
	}
	return nil
}

// planning is the file of today: UTF-8, semicolons.
func planning(today time.Time) []byte { return table(planningRows(today)) }

func table(rows [][]string) []byte {
	var out bytes.Buffer
	_ = sheet.WriteCSV(&out, rows) // into memory
	return out.Bytes()
}

// placeRows are the locations and groups that the planning names.
func placeRows() [][]string {
	rows := [][]string{{"Locatie", "Straat", "Postcode", "Plaats", "Telefoon", "Opvangsoort", "LRK-nummer", "Groep", "Leeftijd vanaf", "Leeftijd tot"}}
	for _, l := range organisations[0].locations {
		for _, g := range l.groups {
			rows = append(rows, []string{l.name, l.street, l.postcode, l.city, l.phone, string(g.care), l.care[g.care], g.name, years(g.from), years(g.to)})
		}
	}
	return rows
}

// years is an age in months as forms write it: quarters at most.
func years(months int) string {
	return strconv.Itoa(months/12) + map[int]string{3: ",25", 6: ",5", 9: ",75"}[months%12]
}

// staffRows are those who work in the groups, among them the mentors of the planning.
func staffRows() [][]string {
	rows := [][]string{{"Voornaam", "Tussenvoegsel", "Achternaam", "E-mail", "Groep"}}
	for _, c := range organisations[0].staff {
		for _, g := range c.groups {
			if prefix, family := splitName(c.family); c.left == 0 {
				rows = append(rows, []string{c.given, prefix, family, c.email + "@" + organisations[0].mailDomain, g})
			}
		}
	}
	return rows
}

// planningForWindows is the same in Windows-1252 with commas, without the names that it has no letters for.
func planningForWindows(today time.Time) []byte {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	w.UseCRLF = true
	encoder := charmap.Windows1252.NewEncoder()
	for _, row := range planningRows(today) {
		if _, err := encoder.String(strings.Join(row, "")); err == nil {
			_ = w.Write(row)
		}
	}
	w.Flush()
	encoded, _ := encoder.Bytes(text.Bytes())
	return encoded
}

// planner draws families for the groups of Bathmen, the same on the same day.
type planner struct {
	rng           *rand.Rand
	today         time.Time
	rows          [][]string
	number        int
	rooms         []group
	at            []string // locations of rooms
	first, family []string
	parents       []string
	mentors       map[string]string
	emails        map[string]int
}

func planningRows(today time.Time) [][]string {
	org := organisations[0]
	p := &planner{rng: rand.New(rand.NewPCG(org.seed, 300)), today: today, rows: [][]string{planningHead}, number: 20100, emails: map[string]int{},
		mentors: map[string]string{"Kikkers": "sanne@" + org.mailDomain, "Egels": "youssef@" + org.mailDomain, "Uiltjes": "marieke@" + org.mailDomain},
		first:   slices.Concat(girls, boys), family: surnames, parents: slices.Concat(women, men)}
	for _, l := range org.locations {
		for _, g := range l.groups {
			p.rooms, p.at = append(p.rooms, g), append(p.at, l.name)
		}
	}
	p.otherScripts()
	for shape := 0; len(p.rows) <= planned; shape++ {
		p.drawFamily(shape)
	}
	p.spoil()
	return p.rows
}

func pick[T any](p *planner, list []T) T { return list[p.rng.IntN(len(list))] }

func date(t time.Time) string { return t.Format("2-1-2006") }

// child is a row for a child in a room, with nothing said of guardians.
func (p *planner) child(given, prefix, family string, room int, monthsOld int) []string {
	g := p.rooms[room]
	p.number++
	born := p.today.AddDate(0, -monthsOld, -p.rng.IntN(27))
	start := p.today.AddDate(0, 0, 7+p.rng.IntN(80))
	row := make([]string, len(planningHead))
	copy(row, []string{strconv.Itoa(p.number), given, prefix, family, date(born), p.at[room], g.name, string(g.care), date(start), "", "", p.mentors[g.name]})
	patterns := weekdayPatterns[g.care]
	names := []string{"", "ma", "di", "wo", "do", "vr"}
	var days []string
	begin, end := hours(g.care, p.rng.IntN(3) == 0)
	for _, weekday := range patterns[p.rng.IntN(len(patterns))] {
		days = append(days, names[weekday]+" "+begin(weekday)+"-"+end)
	}
	row[inDays] = strings.Join(days, "; ")
	if len(p.rows)%9 == 0 {
		row[inDays] = strings.Join(days, ";\n") // a cell with lines of its own
		row[inRemark] = "Eet \"alles\", behalve pinda's;\nslaapt met een knuffel."
	}
	return row
}

// guardian fills in the first or second guardian.
func (p *planner) guardian(row []string, n int, given, family, address, kind string, household int) {
	copy(row[12+6*n:], []string{given, family, address, fmt.Sprintf("06 00 %02d %02d %02d", p.rng.IntN(100), p.rng.IntN(100), p.rng.IntN(100)), kind, strconv.Itoa(household)})
}

// mail makes an address that nobody in the file has yet.
func (p *planner) mail(given, family string) string {
	name := ascii(given + "." + family)
	p.emails[name]++
	if n := p.emails[name]; n > 1 {
		name += strconv.Itoa(n)
	}
	return name + "@gezinnen.example"
}

// twoNumbers is the family in whose rows the mother has two telephones, as a real file has it: a warning.
const twoNumbers = 8

// drawFamily adds a family of one of the common shapes; shape counts up, so that every shape comes by.
func (p *planner) drawFamily(shape int) {
	prefix, family := splitName(pick(p, p.family))
	room := p.rng.IntN(len(p.rooms))
	kids := [][]string{p.child(pick(p, p.first), prefix, family, room, p.age(room))}
	switch shape % 7 {
	case 1: // brother or sister in another group
		other := p.rng.IntN(len(p.rooms))
		kids = append(kids, p.child(pick(p, p.first), prefix, family, other, p.age(other)))
	case 2: // twins
		twin := p.child(pick(p, p.first), prefix, family, room, 1)
		twin[inBirth], twin[inStart], twin[inDays] = kids[0][inBirth], kids[0][inStart], kids[0][inDays]
		kids = append(kids, twin)
	}
	whole := strings.TrimSpace(prefix + " " + family)
	mother, father := pick(p, p.parents), pick(p, p.parents)
	motherMail, fatherName, fatherMail, household, kind := p.mail(mother, whole), whole, "", 1, "gezag"
	switch shape % 7 {
	case 3: // two households
		fatherName, household = pick(p, p.family), 2
	case 4: // the other parent has a right to information
		fatherName, household, kind = pick(p, p.family), 2, "informatierecht"
	}
	if shape%7 != 6 {
		fatherMail = p.mail(father, fatherName)
	}
	for _, row := range kids {
		p.guardian(row, 0, mother, whole, motherMail, "gezag", 1)
		if shape != twoNumbers {
			row[inPhone] = kids[0][inPhone]
		}
		if shape%7 != 5 { // else one guardian
			p.guardian(row, 1, father, fatherName, fatherMail, kind, household)
			row[21] = kids[0][21] // the same telephone, so that one father without an address stays one
		}
		if len(p.rows) <= planned {
			p.rows = append(p.rows, row)
		}
	}
}

func (p *planner) age(room int) int {
	g := p.rooms[room]
	return g.from + 3 + p.rng.IntN(g.to-g.from-8)
}

func splitName(name string) (prefix, family string) {
	parts := strings.Split(name, " ")
	for len(parts) > 1 && strings.ToLower(parts[0]) == parts[0] {
		prefix, parts = strings.TrimSpace(prefix+" "+parts[0]), parts[1:]
	}
	return prefix, strings.Join(parts, " ")
}

// otherScripts adds families whose names are written in every script, with guardians who have one each.
func (p *planner) otherScripts() {
	for i, name := range [][4]string{
		{"ليلى", "حداد", "نور", "حداد"}, {"小龙", "李", "美丽", "李"}, {"Софія", "Шевченко", "Олена", "Шевченко"}, {"Ελένη", "Παπαδοπούλου", "Νίκος", "Παπαδόπουλος"},
		{"נועה", "לוי", "יעל", "לוי"}, {"अनन्या", "शर्मा", "राहुल", "शर्मा"}, {"İrem", "Işık", "Gülşen", "Işık"}, {"さくら", "佐藤", "健", "佐藤"}, {"Nguyệt", "Trần", "Bảo", "Trần"},
	} {
		row := p.child(name[0], "", name[1], 0, 12+i)
		p.guardian(row, 0, name[2], name[3], fmt.Sprintf("familie%d@gezinnen.example", i+1), "gezag", 1)
		p.rows = append(p.rows, row)
	}
}

// spoil makes the mistakes that real files have, from the hundredth row on, each in rows of its own.
func (p *planner) spoil() {
	at := 100
	next := func() []string { at += 3; return p.rows[at] }
	next()[inBirth] = "31-2-2024"
	next()[inBirth] = "1 sep 25"
	next()[inBirth] = ""
	next()[inGiven] = "Mila 🎈"
	next()[inGroup] = "Padden"
	next()[inEnd] = "1-1-2020"
	next()[inDays] = "ma, blauwdag"
	next()[inEmail] = "geen adres"
	next()[inPhone] = "bel maar niet"
	next()[inKind] = "buurvrouw"
	one, other := next(), next()
	other[inEmail] = one[inEmail] // one address for two people
	one, other = next(), next()
	other[inNumber] = one[inNumber]                    // one number for two children
	next()[inBirth] = date(p.today.AddDate(-14, 0, 0)) // old for every group: a warning
}
