package demo

// Names that are drawn from. Nobody is meant by any of their combinations.
var (
	girls = []string{
		"Sara", "Yasmin", "Lotte", "Fleur", "Nora", "Julia", "Amira", "Tess", "Zoë", "Lieke", "Hanna", "Saar", "Elif", "Roos", "Maud", "Lena", "Isa",
		"Nina", "Evi", "Vera", "Safiya", "Jasmijn", "Femke", "Liv", "Olivia", "Milou", "Noa", "Ayla", "Jill", "Merel", "Pien", "Zara", "Anouk", "Puck", "Esmee",
		"Feline", "Lara", "Hiba", "Sofie", "Bente", "Linde", "Suze", "Kiki", "Romy", "Aya", "Jet", "Fenna", "Norah", "Ella", "Wies",
	}
	boys = []string{
		"Noah", "Luuk", "Adam", "Sam", "Levi", "Bram", "Daan", "Yusuf", "Thijs", "Mees", "Jesse", "Milan", "Omar", "Teun", "Lars", "Hugo", "Stijn",
		"Ruben", "Bilal", "Gijs", "Jens", "Tijn", "Ryan", "Floris", "Otis", "Boaz", "Imran", "Siem", "Pim", "Olivier", "Ties", "Moos", "Kai", "Jonas",
		"Emre", "Cas", "Hidde", "Abel", "Morris", "Jurre", "Rayan", "Tobias", "Sepp", "Willem", "Niek", "Faas", "Benjamin", "Guus", "Rens",
	}
	women = []string{
		"Anna", "Femke", "Naima", "Marloes", "Iris", "Esra", "Linda", "Judith", "Karin", "Soraya", "Lisanne", "Marieke", "Ilse", "Hanneke", "Fatima", "Eline",
		"Monique", "Rianne", "Charlotte", "Samira", "Petra", "Simone", "Joyce", "Wendy", "Ingrid", "Mariam", "Nienke", "Carlijn", "Sophie", "Tamara", "Bianca",
		"Nadia", "Renske", "Angela", "Merve", "Daphne", "Kim", "Astrid", "Laura", "Chantal", "Hilde", "Maaike", "Aisha", "Roxanne", "Ellen", "Marit",
	}
	men = []string{
		"Mark", "Jeroen", "Hassan", "Bas", "Peter", "Tim", "Mehmet", "Rob", "Sander", "Erik", "Karim", "Niels", "Martijn", "Wouter", "Ahmed", "Paul", "Dennis",
		"Koen", "Marcel", "Jasper", "Ivo", "Youness", "Frank", "Michiel", "Arjan", "Rick", "Stefan", "Pieter", "Maarten", "Ferdi", "Joris", "Vincent", "Ali",
		"Hugo", "Leon", "Casper", "Gerben", "Thomas", "Anton", "Robin", "Patrick", "Dirk", "Said", "Roel", "Mathijs", "Emiel",
	}
	surnames = []string{
		"Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters", "Hendriks", "Dekker", "Brouwer", "Dijkstra", "Kok", "Jacobs", "Vermeulen",
		"Schouten", "Willems", "Hoekstra", "Koster", "Prins", "Huisman", "Kuipers", "Veenstra", "Postma", "Kramer", "Timmermans", "Groen", "Gerritsen",
		"El Idrissi", "Yilmaz", "Kaya", "Bouzid", "Demir", "Haddad", "Nowak", "Kowalski", "Santos", "Ramdin", "Tjon", "Pinas", "Nguyen", "Öztürk",
		"van Dijk", "van den Berg", "de Wit", "de Haan", "ter Horst", "van Loon", "van Vliet", "de Bruin", "van der Meer", "van Rijn", "te Brake", "de Ruiter",
		"Scholten", "Wolters", "Hermans", "Evers", "Martens", "Blom", "Sanders", "Verhoeven", "Boersma", "Kuiper", "Post", "Maas", "Molenaar", "Linssen",
	}
)
