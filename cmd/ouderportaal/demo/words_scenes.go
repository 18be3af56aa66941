package demo

import "time"

// scene is a drawn picture with what a group writes when it shares such a picture.
type scene struct {
	file  string   // in scenes/
	alts  []string // for who cannot see it
	told  []story
	small []story    // for groups of children under two
	from  time.Month // the months in which it is seen; zero: all year
	to    time.Month
}

// story is the title and text of a post. {naam} and {vriend} are children on the photo, {groep} is the group.
type story struct{ title, body string }

func (s scene) inSeason(month time.Month) bool {
	return s.from == 0 || (month >= s.from && month <= s.to)
}

var scenes = []scene{
	{
		file: "bellen.jpg",
		alts: []string{"Bellen zweven boven het gras", "Grote zeepbellen in de lucht boven een groene heuvel", "Zeepbellen voor de bomen, de zon schijnt erdoorheen"},
		small: []story{
			{"Kijken naar de bellen", "Op het kleed in het gras keken we naar de bellen. {naam} volgde er een tot die knapte, en zocht toen de volgende."},
			{"Bellen op de neus", "Een bel landde precies op de neus van {naam}. Even schrikken, dan lachen."},
			{"Grijpen naar de lucht", "Alle handjes gingen omhoog. Gevangen is er niets, geprobeerd wel."},
		},
		told: []story{
			{"Bellen blazen", "Vanochtend hebben we bellen geblazen in het gras. {naam} kon er een vangen zonder dat hij knapte. Bijna dan."},
			{"De grootste bel van de week", "Met twee stokken en een touw maakten we reuzenbellen. {naam} en {vriend} renden er achteraan tot ze over het hek waren."},
			{"Regenbogen in een bel", "Als je goed kijkt, zie je alle kleuren. {naam} zag ze het eerst en liet het aan iedereen zien."},
			{"Even niets dan bellen", "Een flesje sop, een beetje wind, meer hadden we niet nodig. Het gelach was tot binnen te horen."},
			{"Zacht blazen is moeilijk", "Hard blazen lukt meteen, zacht blazen moet je leren. {naam} had het aan het eind helemaal door."},
		},
	},
	{
		file: "blokken.jpg",
		alts: []string{"Toren van gekleurde blokken met een rood dak", "Bouwwerk van houten blokken op de vloer", "Een hoge blokkentoren met een poort in het midden"},
		small: []story{
			{"Bouwen voor beginners", "Wij bouwen, de kinderen gooien om. {naam} vond het geluid het mooist."},
			{"Blok op blok", "Twee blokken op elkaar bleven staan. {naam} keek of wij het wel gezien hadden."},
			{"Voelen en tikken", "Zacht, hard, rond, hoekig: de blokken zijn van alle kanten onderzocht, ook met de mond."},
		},
		told: []story{
			{"De toren staat", "Het begon met twee blokken en eindigde met een toren tot de vensterbank. {naam} legde het dak erop en hield de adem in."},
			{"Bouwen, omgooien, bouwen", "In de bouwhoek is vandaag hard gewerkt. {naam} bouwt graag hoog, {vriend} gooit graag om. Dat gaat verrassend goed samen."},
			{"Een poort voor de auto's", "De toren kreeg een poort, want er moest een auto doorheen. Passen, meten, en toen reed hij."},
			{"Een huis voor de beer", "De beer had nog geen huis. Nu wel, met een rood dak en een bal in de tuin. {naam} paste op dat niemand ertegenaan liep."},
			{"Samen hoger", "Alleen kwam {naam} tot vijf blokken, samen met {vriend} tot negen. Dat hebben we een paar keer nageteld."},
			{"Kleuren stapelen", "Rood, geel, blauw, groen: we noemden elke kleur voordat het blok erop mocht."},
		},
	},
	{
		file: "boeken.jpg",
		alts: []string{"Beer zit boven op een stapel boeken", "Een knuffelbeer op vijf gekleurde boeken", "De voorleesbeer op zijn stapel"},
		small: []story{
			{"Voorlezen op schoot", "Met de beer erbij lazen we over de eend en de koe. {naam} aaide elke bladzijde."},
			{"De voorleesbeer", "De beer zit op zijn stapel en wacht. {naam} kroop er zelf naartoe met een boekje."},
			{"Kiekeboe in een boek", "Achter elk flapje zat een dier. {naam} wilde ze allemaal nog een keer zien."},
		},
		told: []story{
			{"De voorleesbeer", "De beer mag elke week een boek kiezen. Deze week hielp {naam} hem, en het werd een verhaal over de maan."},
			{"Vijf boeken achter elkaar", "We konden niet kiezen, dus lazen we ze allemaal. {naam} bleef tot het laatste boek zitten."},
			{"Lezen met de beer op schoot", "De beer luistert het best van allemaal. {naam} las hem voor, met een eigen verhaal bij de plaatjes."},
			{"Neem je lievelingsboek mee", "Thema van deze weken: boeken van thuis. {naam} had er een bij over een hond die niet kon slapen. Wie brengt er morgen een mee?"},
			{"Naar de bibliotheek geweest", "De stapel is ververst! We kozen vijf nieuwe boeken en de beer moest natuurlijk voelen of ze stevig genoeg waren."},
			{"Rijmen", "Beer, peer, veer, heer. {naam} en {vriend} bedachten er zoveel dat wij ze niet meer konden bijhouden."},
		},
	},
	{
		file: "fruit.jpg",
		alts: []string{"Bord met appel, banaan, druiven en aardbeien", "Fruit op een wit bord, neergelegd als een gezicht", "Een bord vol stukjes fruit"},
		small: []story{
			{"Fruit in stukjes", "Banaan, peer en een beetje aardbei. {naam} at zelf, met twee handen."},
			{"Proeven", "Druiven in kwartjes, voor wie ze al mag. Er werd ernstig geproefd op {groep}."},
			{"Het bord is leeg", "We legden er een gezicht van. Het heeft niet lang gelegen."},
		},
		told: []story{
			{"Een gezicht van fruit", "Appel voor het haar, banaan voor de mond. {naam} maakte een gezicht van het fruit, en at eerst de lach op."},
			{"Fruit snijden", "Met de kinderveilige mesjes sneden we zelf de banaan. {naam} verdeelde eerlijk: voor ieder vier stukjes."},
			{"Proeven met de ogen dicht", "Is het appel of peer? {naam} had alles goed, {vriend} moest lachen om de druif."},
			{"Fruitmoment op {groep}", "Het bord was in vijf minuten leeg. De aardbeien het eerst, zoals altijd."},
			{"Tellen met druiven", "We telden druiven: vijf blauwe, en toen nog maar vier. Niemand wist hoe dat kon."},
			{"Zelf het bord opmaken", "Iedereen mocht een hoekje van het bord vullen. {naam} koos heel precies wat waar moest liggen."},
		},
	},
	{
		file: "handjes.jpg",
		alts: []string{"Vel met verfhandjes in zes kleuren", "Zes handafdrukken van verf op wit papier", "Kleurige verfhanden op een groot vel"},
		small: []story{
			{"De eerste verfhandjes", "Heel klein zijn ze nog. {naam} keek naar de kleur en toen naar de muur, maar het vel was sneller."},
			{"Een vel vol handjes", "Voor op de deur van {groep}. Thuis mag je raden welke van wie is."},
			{"Koude verf", "Eerst een gek gezicht, toen een lach. {naam} wilde nog een keer."},
		},
		told: []story{
			{"Verfhandjes", "Eerst voelde de verf koud, toen werd het leuk. {naam} koos oranje en wilde daarna ook blauw. Dat mag."},
			{"Zes handen, zes kleuren", "Voor de muur bij de deur maakten we een vel met handen. Raad jij welke van {naam} is?"},
			{"Kliederen met een doel", "Van alle handen samen maken we volgende week een boom. De verf gaat er met water en zeep goed af, hebben we gemerkt."},
			{"Groot en klein", "We legden de handen naast elkaar. Die van {naam} is gegroeid sinds de vorige keer, dat konden we zien."},
			{"Verf tot aan de ellebogen", "Een beetje trots zijn we wel op dit vel. {naam} en {vriend} hebben het samen af gemaakt."},
			{"Stempelen", "Met de hand, met een vinger, met een halve aardappel. De handen vonden we het mooist."},
		},
	},
	{
		file: "herfst.jpg", from: time.September, to: time.December,
		alts: []string{"Herfstbladeren en kastanjes op tafel", "Rode, gele en oranje bladeren op een houten tafel", "Kastanjes tussen gekleurde bladeren"},
		small: []story{
			{"Ritselende bladeren", "We legden een berg bladeren op het kleed. {naam} zat er midden in."},
			{"De herfsttafel", "De groten zochten, de kleintjes keken. Vooral de rode bladeren vielen op."},
			{"Wandelen door de bladeren", "Vanuit de bolderkar is de herfst ook mooi. {naam} hield een blad vast tot we terug waren."},
		},
		told: []story{
			{"De herfsttafel", "We hebben bladeren gezocht en ze op tafel gelegd, van groen naar rood. {naam} vond de grootste kastanje."},
			{"Bladeren zoeken", "Met een mandje op pad. {naam} zocht alleen de rode, {vriend} nam alles mee."},
			{"Kastanjes tellen", "Tien kastanjes, en dan nog een paar. {naam} telde ze en legde ze op een rij."},
			{"Wat hoort bij welke boom", "Van elk blad zochten we de boom erbij. De esdoorn herkennen we nu allemaal."},
			{"Ritselen", "Er was een berg bladeren en daar kon je doorheen lopen. Dus dat deden we, heen en terug, heel vaak."},
			{"Herfst op {groep}", "De tafel staat vol met wat de kinderen meenemen. Komt er thuis nog iets moois voorbij, dan mag het erbij."},
		},
	},
	{
		file: "laarsjes.jpg",
		alts: []string{"Rij regenlaarzen onder de kapstok", "Vier paar gekleurde laarsjes onder vier jassen", "Laarzen en regenjassen netjes op een rij"},
		small: []story{
			{"Kleine laarsjes", "De eerste echte laarsjes staan in de rij. {naam} is er heel zuinig op."},
			{"Door de regen", "Warm ingepakt in de wagen, met de hoes erop. De regen tikte en {naam} viel in slaap."},
			{"Klaar voor buiten", "Met zes kinderen duurt het aankleden langer dan het buiten zijn, maar het was de moeite waard."},
		},
		told: []story{
			{"Regen is geen reden", "Laarzen aan en naar buiten. {naam} wist precies welke plas de diepste was."},
			{"Zelf je laarzen aan", "Links, rechts, of andersom. {naam} deed het helemaal zelf, en ze zaten nog goed ook."},
			{"Plassen springen", "We waren met zijn allen nat en dat was de bedoeling. De jassen hangen te drogen."},
			{"Alles op een rij", "Na het buitenspelen zetten we de laarzen netjes onder de kapstok. {naam} controleerde of elk paar bij elkaar stond."},
			{"Op zoek naar wormen", "Na de regen komen ze tevoorschijn. {naam} vond er drie en zette ze voorzichtig in het gras."},
			{"Denk aan reservesokken", "We gaan elke dag naar buiten, ook als het regent. Met een extra paar sokken in de tas is iedereen blij. {naam} en {vriend} deden voor hoe diep een plas kan zijn."},
		},
	},
	{
		file: "zandbak.jpg",
		alts: []string{"Rode emmer en blauwe schep in de zandbak", "Emmer, schep en drie zandtaartjes", "Spullen in het zand naast een klein kasteel"},
		small: []story{
			{"Zand tussen de vingers", "Voor {naam} was het zand nieuw. Eerst één vinger, toen allebei de handen."},
			{"Emmertje om", "Wij maakten taartjes en de kinderen sloegen ze plat. Zo waren we lang bezig."},
			{"Samen in de zandbak", "{naam} en {vriend} zaten tegenover elkaar en gaven elkaar de schep."},
		},
		told: []story{
			{"Taart uit de zandbak", "De bakkerij was weer open. {naam} bakte, {vriend} bracht rond, en wij hebben alles geproefd."},
			{"Het kasteel", "Drie emmers op een rij en een gracht eromheen. {naam} hield het water tegen met de schep."},
			{"Graven tot in China", "Dat zei {naam} tenminste. We zijn tot de elleboog gekomen."},
			{"Emmer vol, emmer leeg", "Scheppen, aanstampen, omkeren, optillen. Als het lukt, klapt de hele zandbak."},
			{"Samen één emmer", "Er was één rode emmer en twee kinderen. {naam} en {vriend} bedachten zelf een oplossing: om de beurt een schep."},
			{"Schatten zoeken", "Er lagen schelpen onder het zand. {naam} vond er vijf, en begroef ze daarna weer voor de volgende."},
		},
	},
}
