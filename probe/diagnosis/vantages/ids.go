package vantages

// ID is the stable name of a finding about several places. An id is never renamed
// and never reused.
type ID string

// The ids.
const (
	WorksEverywhere     ID = "place.works-everywhere"     // It works from every place that was asked
	SameEverywhere      ID = "place.same-everywhere"      // It fails in the same way from every place
	DiffersEverywhere   ID = "place.differs-everywhere"   // It fails from every place, in different ways
	BlockedEverywhere   ID = "place.blocked-everywhere"   // No place lets the port out
	OnePlace            ID = "place.one"                  // One place alone has answered
	Flapping            ID = "place.intermittent"         // It failed from a place and worked a moment later
	BlockedThere        ID = "place.port-blocked"         // The network of a place blocks the port
	CutOffThere         ID = "place.no-way-out"           // A place has no way out
	NameMissingThere    ID = "place.name-missing"         // DNS does not know the name at a place
	OtherAddress        ID = "place.other-address"        // The places that fail were given other addresses
	OtherFamily         ID = "place.other-ip"             // It fails over one IP version
	NoRouteThere        ID = "place.no-route"             // A place has no route of the IP version
	StrippedThere       ID = "place.starttls-missing"     // STARTTLS is not offered to a place, and is to others
	OtherCertificate    ID = "place.other-certificate"    // A place is shown another certificate at the same address
	SeveralCertificates ID = "place.several-certificates" // The server shows several certificates at one address
	RefusedThere        ID = "place.refused"              // The server refuses a place, and not the others
	DeferredThere       ID = "place.deferred"             // The server puts a place off, and not the others
	UnreachableThere    ID = "place.unreachable"          // A place does not reach the server, others do
	FewReach            ID = "place.few-reach"            // Few places reach the server
	DiffersThere        ID = "place.differs"              // The session fails from a place, and works from others
	AddressesDiffer     ID = "place.addresses-differ"     // DNS answers differ by place
)

// IDs are all ids, in the order of the table.
func IDs() []ID {
	return []ID{
		WorksEverywhere, SameEverywhere, DiffersEverywhere, BlockedEverywhere, OnePlace, Flapping, BlockedThere,
		CutOffThere, NameMissingThere, OtherAddress, OtherFamily, NoRouteThere, StrippedThere, OtherCertificate,
		SeveralCertificates, RefusedThere, DeferredThere, UnreachableThere, FewReach, DiffersThere, AddressesDiffer,
	}
}
