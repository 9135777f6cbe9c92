package command

// feature is what must be switched on where a command is read, so that help
// shows what needs it.
type feature int

const (
	needsNothing  feature = iota
	needsEnvelope         // senders and recipients
	needsForm             // a form for a login
	needsProfile          // a profile
	needsEgress           // hosts that answer on the ports of mail
	needsDomain           // somebody who examines domains
	needsWatch            // somebody who keeps watches
	needsDeep             // somebody who scans TLS
	needsVantage          // another place to test from
	needsChat
	needsTerminal
)

// has reports what is switched on.
func (d Dialect) has(f feature) bool {
	switch f {
	case needsEnvelope:
		return !d.NoEnvelope
	case needsForm:
		return !d.Terminal && !d.NoForm
	case needsProfile:
		return !d.Terminal && !d.NoProfiles
	case needsEgress:
		return !d.NoEgress
	case needsDomain:
		return !d.NoDomain
	case needsWatch:
		return !d.NoWatch
	case needsDeep:
		return !d.NoDeep
	case needsVantage:
		return !d.Terminal && len(d.Vantages) > 0
	case needsChat, needsTerminal:
		return d.Terminal == (f == needsTerminal)
	}
	return true
}

// logsIn reports that a login can be tested in some way.
func (d Dialect) logsIn() bool { return d.Terminal || d.has(needsForm) || d.has(needsProfile) }
