package invitations

// HoldOne lets tests be a transaction that looks at the invitations of one guardian.
var HoldOne = lockOne
