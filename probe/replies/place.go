package replies

// ID is the stable name of what can be the matter, AREA.FACT, as
// "envelope.relay-denied". An id is never renamed and never reused.
type ID string

// Place is what a reply answers.
type Place string

// The places. A text that somebody pasted often does not tell its place.
const (
	Anywhere Place = ""
	Greeting Place = "greeting"
	EHLO     Place = "EHLO"
	STARTTLS Place = "STARTTLS"
	AUTH     Place = "AUTH"
	MAIL     Place = "MAIL"
	RCPT     Place = "RCPT"
	DATA     Place = "DATA" // and the end of the message
)

// Places are the places by name, in the order of a session.
func Places() []Place { return []Place{Greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA} }

// Owner is who can fix it.
type Owner string

// The owners.
const (
	OwnerYou      Owner = "you"      // the person who asked: a typo, a wrong port, a wrong mode
	OwnerServer   Owner = "server"   // whoever runs the server
	OwnerNetwork  Owner = "network"  // between here and there
	OwnerProvider Owner = "provider" // the mail provider's policy or account settings
	OwnerSender   Owner = "sender"   // where the mail comes from: its address, name or reputation
)

// Owners are all of them.
func Owners() []Owner {
	return []Owner{OwnerYou, OwnerServer, OwnerNetwork, OwnerProvider, OwnerSender}
}
