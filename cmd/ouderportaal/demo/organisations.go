package demo

import (
	"ouderportaal/modules/children"
	"ouderportaal/modules/retention"
)

// organisation is what one of the demo's organisations looks like from outside.
type organisation struct {
	slug, name, mailDomain string
	hue, chroma            float64
	address, phone         string
	seed                   uint64
	locations              []location
	staff                  []colleague // the rest is drawn
	families               []family    // the rest is drawn
	terms                  *retention.Terms
}

type location struct {
	name, street, postcode, city, phone string
	care                                map[children.CareType]string // LRK number per kind of care
	groups                              []group
}

type group struct {
	name, symbol string
	care         children.CareType
	from, to     int // age in months
	children     int
	staff        int
}

// One organisation keeps files as long as is usual and tells parents in time, one keeps less and tells nobody, one never chose.
// The LRK numbers begin with zeros, and no real one does; neither do area codes have numbers that begin with 00.
var organisations = []organisation{
	{
		slug: "kinderopvangbathmen", name: "Kinderopvang Bathmen", mailDomain: "bathmen.example", hue: 163, chroma: 0.085, seed: 1,
		address: "Brinkweg 4, 7437 ZZ Bathmen", phone: "0570 00 12 30",
		locations: []location{
			{
				name: "De Brink", street: "Brinkweg 4", postcode: "7437 ZZ", city: "Bathmen", phone: "0570 00 12 31",
				care: map[children.CareType]string{children.DayCare: "000101101", children.Playgroup: "000101102"},
				groups: []group{
					{"Kikkers", "sprout", children.DayCare, 0, 48, 13, 3},
					{"Egels", "cookie", children.DayCare, 0, 24, 10, 3},
					{"Uiltjes", "moon", children.Playgroup, 27, 48, 12, 2},
				},
			},
			{
				name: "Het Zonnebos", street: "Bosrand 21", postcode: "7437 ZY", city: "Bathmen", phone: "0570 00 12 32",
				care: map[children.CareType]string{children.DayCare: "000101201", children.AfterSchool: "000101202"},
				groups: []group{
					{"Eekhoorns", "tree-deciduous", children.DayCare, 0, 48, 12, 3},
					{"Vossen", "puzzle", children.AfterSchool, 48, 96, 14, 2},
					{"Bevers", "palette", children.AfterSchool, 96, 156, 11, 2},
				},
			},
		},
		staff: bathmenStaff, families: bathmenFamilies,
		terms: &retention.Terms{FileMonths: 24, OfficeYears: 7, NoticeDays: 60, Offers: true},
	},
	{
		slug: "devuurtoren", name: "De Vuurtoren", mailDomain: "vuurtoren.example", hue: 245, chroma: 0.095, seed: 2,
		address: "Havenkade 8, 1781 ZZ Den Helder", phone: "0223 00 45 60",
		locations: []location{
			{
				name: "Havenkade", street: "Havenkade 8", postcode: "1781 ZZ", city: "Den Helder", phone: "0223 00 45 61",
				care: map[children.CareType]string{children.DayCare: "000202101", children.AfterSchool: "000202102"},
				groups: []group{
					{"Zeesterren", "sun", children.DayCare, 0, 24, 10, 3},
					{"Zeepaardjes", "music", children.DayCare, 24, 48, 11, 2},
					{"Dolfijnen", "smile", children.AfterSchool, 48, 144, 14, 2},
				},
			},
			{
				name: "Duinzicht", street: "Duinweg 55", postcode: "1783 ZY", city: "Den Helder", phone: "0223 00 45 62",
				care: map[children.CareType]string{children.DayCare: "000202201"},
				groups: []group{
					{"Krabbetjes", "baby", children.DayCare, 0, 48, 11, 3},
				},
			},
		},
		staff: vuurtorenStaff, families: vuurtorenFamilies,
		terms: &retention.Terms{FileMonths: 18, OfficeYears: 7, NoticeDays: 30},
	},
	{
		slug: "klaproos", name: "Klaproos", mailDomain: "klaproos.example", hue: 27, chroma: 0.1, seed: 3,
		address: "Veldweg 3, 5256 ZZ Heusden", phone: "0416 00 78 90",
		locations: []location{
			{
				name: "Veldweg", street: "Veldweg 3", postcode: "5256 ZZ", city: "Heusden", phone: "0416 00 78 91",
				care: map[children.CareType]string{children.DayCare: "000303101", children.Playgroup: "000303102", children.AfterSchool: "000303103"},
				groups: []group{
					{"Bijtjes", "cookie", children.DayCare, 0, 48, 11, 3},
					{"Vlinders", "palette", children.Playgroup, 27, 48, 10, 2},
					{"Krekels", "music", children.AfterSchool, 48, 144, 11, 2},
				},
			},
		},
		staff: klaproosStaff, families: klaproosFamilies,
	},
}
