package absences

// Compose is what the mails are made with, for tests.
var Compose = compose
