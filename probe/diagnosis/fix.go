package diagnosis

import (
	"net/netip"
	"time"

	"smtptest/probe"
)

// Fix is what to change in the next test, as data: an option has another name
// on a terminal than in a chat, and some places do not have it at all. A
// place words it, see formatting. Its zero fields leave the request as it is.
type Fix struct {
	Target     probe.Target   // test this host and port instead
	At         netip.Addr     // connect to this address, whatever DNS says about the name
	Security   probe.Security // protect the session this way instead
	Family     probe.Family   // use this IP version only
	AnyFamily  bool           // do not insist on one IP version
	EHLOName   bool           // introduce the client by another name: a full host name that resolves
	TrustRoots bool           // trust the root of the private authority that issued the certificate
	LongerThan time.Duration  // give the test more time than this
}
