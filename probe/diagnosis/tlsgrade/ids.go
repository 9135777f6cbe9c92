package tlsgrade

// ID names a kind of finding. It never changes and is never used again.
type ID string

// The findings, in order of what they are worth within a severity.
const (
	NoTLS              ID = "scan.no-tls"
	NotMeasured        ID = "scan.not-measured"
	OldOnly            ID = "scan.old-only"
	CurrentClientsFail ID = "scan.current-clients-fail"
	NoEncryption       ID = "scan.no-encryption"
	BrokenSuites       ID = "scan.broken-suites"
	SmallPrime         ID = "scan.small-prime"
	OldVersions        ID = "scan.old-versions"
	ShortKey           ID = "scan.short-key"
	OldRenegotiation   ID = "scan.old-renegotiation"
	NameNeeded         ID = "scan.name-needed"
	Compression        ID = "scan.compression"
	OldSignatures      ID = "scan.old-signatures"
	DatedSuites        ID = "scan.dated-suites"
	WeakGroups         ID = "scan.weak-groups"
	NoTLS13            ID = "scan.no-tls13"
	NoEMS              ID = "scan.no-ems"
	ClientOrder        ID = "scan.client-order"
	Opportunistic      ID = "scan.opportunistic"
	OldClientsFail     ID = "scan.old-clients-fail"
	Unfinished         ID = "scan.unfinished"
)
