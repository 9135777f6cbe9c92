package diagnosis

import "smtptest/probe/replies"

// ID is the stable name of a finding, AREA.FACT. An id is never renamed and
// never reused.
type ID = replies.ID

// What was asked for, and what DNS said.
const (
	TargetDenied     ID = "policy.denied"       // This target may not be tested from here
	RateLimited      ID = "policy.rate-limited" // This server was connected to often enough
	MailDomain       ID = "dns.mail-domain"     // This is a mail domain, not a mail server
	MXIsAddress      ID = "dns.mx-is-address"   // An MX record holds an address instead of a name
	NullMX           ID = "dns.null-mx"         // The domain says that it accepts no mail
	NameNotFound     ID = "dns.name-not-found"  // The name does not exist
	NoAddress        ID = "dns.no-address"      // The name has no address
	DNSSECFailure    ID = "dns.dnssec-failure"  // DNSSEC validation of the name fails
	DNSServerFailure ID = "dns.server-failure"  // DNS cannot answer for this name
	DNSTimeout       ID = "dns.timeout"         // DNS did not answer in time
	DNSUnknown       ID = "dns.unknown"         // No address was found for the name
	FamilyMissing    ID = "dns.family-missing"  // The name has no address of that IP version
)

// What well-known hosts on the same port say of this network.
const (
	MachineCutOff ID = "network.no-way-out"   // This machine has no way out
	PortBlocked   ID = "network.port-blocked" // This network blocks the port
)

// What is known of the provider, whatever it answered.
const (
	WrongMode    ID = "provider.wrong-mode"    // The port or its security does not fit this provider
	WeakEnvelope ID = "provider.weak-envelope" // An accepted envelope says little at this provider
	PasswordEnds ID = "provider.password-ends" // Password logins will end here
)

// The TCP connection.
const (
	ConnectRefused     ID = "connect.refused"       // Nothing listens on this port
	ConnectTimeout     ID = "connect.timeout"       // No answer to the connection attempt
	ConnectUnreachable ID = "connect.unreachable"   // There is no route to the server
	ConnectLocal       ID = "connect.local"         // This machine could not open the connection
	AddressDead        ID = "connect.address-dead"  // Not every address of the name answers
	IPv6Untested       ID = "connect.ipv6-untested" // IPv6 was not tested
)

// The greeting, or what came in its place.
const (
	TLSExpected           ID = "greeting.tls-expected"    // This port begins with TLS
	NotSMTP               ID = "greeting.not-smtp"        // What answers here is not SMTP
	GreetingTimeout       ID = "greeting.timeout"         // The server accepts the connection but does not greet
	GreetingClosed        ID = "greeting.closed"          // The server hangs up without a word
	GreetingSlow          ID = "greeting.slow"            // The server takes long to greet
	GreetingReputation    ID = "greeting.reputation"      // The server refuses the address that this test comes from
	GreetingThrottled     ID = "greeting.throttled"       // The server asks this address to come back later
	GreetingNoClientName  ID = "greeting.no-client-name"  // The server refuses clients whose address has no name
	GreetingClientRefused ID = "greeting.client-refused"  // The server does not let this client in
	GreetingComeBack      ID = "greeting.come-back-later" // The server asks first-time callers to come back
	GreetingNoService     ID = "greeting.no-mail-service" // This host says that it accepts no mail
	GreetingRefused       ID = "greeting.refused"         // The server refuses the session in its greeting
	ClockWrong            ID = "greeting.clock"           // The server's clock is wrong
)

// Replies to what this client never sends.
const (
	ForeignCommand ID = "session.foreign-command" // The server was told something that is not SMTP
	RequireTLS     ID = "envelope.requiretls"     // The server wants TLS on the mail's whole path
)

// EHLO and the capability list.
const (
	EHLOClientRefused ID = "ehlo.client-refused"         // The server refuses clients whose address has no name
	EHLONameRefused   ID = "ehlo.name-refused"           // The server refuses the name that the client gave in EHLO
	EHLORefused       ID = "ehlo.refused"                // The server refuses EHLO
	EHLOMasked        ID = "ehlo.masked"                 // A firewall rewrites the session
	HELOOnly          ID = "ehlo.helo-only"              // The server does not know EHLO
	STARTTLSInsideTLS ID = "starttls.offered-inside-tls" // The server offers STARTTLS inside TLS
)

// The upgrade by STARTTLS.
const (
	STARTTLSNotOffered   ID = "starttls.not-offered"      // The server does not offer STARTTLS
	STARTTLSBroken       ID = "starttls.unavailable"      // The server offers STARTTLS but cannot do it
	STARTTLSRefused      ID = "starttls.refused"          // The server offers STARTTLS and refuses it
	EarlyPlaintext       ID = "starttls.early-plaintext"  // Octets in the clear follow the server's 220 to STARTTLS
	LeftInClear          ID = "starttls.left-in-clear"    // The server agrees to STARTTLS and does not begin TLS
	EHLORefusedInsideTLS ID = "starttls.ehlo-refused"     // The server refuses EHLO inside TLS
	LoginLost            ID = "starttls.login-lost"       // The server offers a login in the clear and none inside TLS
	STARTTLSNotEnforced  ID = "starttls.not-enforced"     // The server takes mail without STARTTLS too
	STARTTLSForAll       ID = "starttls.enforced-for-all" // The server takes mail inside TLS only
)

// The handshake and the certificate.
const (
	CertificateUnreadable    ID = "tls.certificate-unreadable"     // This test cannot read the server's certificate
	TLSNotSpoken             ID = "tls.not-spoken"                 // The server's TLS is not spoken here
	PlaintextPort            ID = "tls.plaintext-port"             // This port starts in the clear
	LegacyOnly               ID = "tls.legacy-only"                // The server knows only outdated TLS
	LargeHello               ID = "tls.large-hello"                // Something drops large TLS handshakes
	ClientCertificate        ID = "tls.client-certificate"         // The server wants a client certificate
	ServerNameUnknown        ID = "tls.server-name-unknown"        // The server does not know the name
	TLSAlert                 ID = "tls.alert"                      // The server breaks the TLS handshake off
	TLSClosed                ID = "tls.closed"                     // The server hangs up during the TLS handshake
	TLSTimeout               ID = "tls.timeout"                    // The TLS handshake does not come to its end
	TLSFailed                ID = "tls.failed"                     // The TLS handshake fails
	CertificateExpired       ID = "tls.certificate-expired"        // The certificate has expired
	CertificateNotYetValid   ID = "tls.certificate-not-yet-valid"  // The certificate is not valid yet
	CertificateMismatch      ID = "tls.certificate-host-mismatch"  // The certificate is for another name
	CertificateUsage         ID = "tls.certificate-usage"          // The certificate is not meant for servers
	CertificateWeakKey       ID = "tls.certificate-weak-key"       // The certificate's RSA key is short
	CertificateExpiring      ID = "tls.certificate-expiring"       // The certificate expires soon
	Intercepted              ID = "tls.intercepted"                // A security product answers in the server's place
	ChainIncomplete          ID = "tls.chain-incomplete"           // The server does not send the issuer's certificate
	CertificateSelfSigned    ID = "tls.certificate-self-signed"    // The certificate is self-signed
	CertificateNotTrusted    ID = "tls.certificate-not-trusted"    // Its authority is not trusted here
	IntermediateExpired      ID = "tls.intermediate-expired"       // A certificate in the chain is out of its dates
	CertificateWeakSignature ID = "tls.certificate-weak-signature" // A certificate is signed with SHA-1 or MD5
	CertificateInvalid       ID = "tls.certificate-invalid"        // The certificate chain breaks a rule
	ChainOrder               ID = "tls.chain-order"                // The certificates are not sent in order
	ChainUnneeded            ID = "tls.chain-unneeded"             // The server sends certificates that nobody needs
	CertificateRevoked       ID = "tls.certificate-revoked"        // The certificate is revoked
	StapleMissing            ID = "tls.staple-missing"             // The certificate demands a staple that is not sent
	StapleUnreadable         ID = "tls.staple-unreadable"          // The stapled OCSP response cannot be used
	StapleExpired            ID = "tls.staple-expired"             // The stapled OCSP response is out of date
)

// The login.
const (
	LoginUnprotected    ID = "auth.unprotected"           // No login was sent: the connection is not protected
	AuthNotOffered      ID = "auth.not-offered"           // The server offers no login
	MechanismNotOffered ID = "auth.mechanism-not-offered" // The server does not offer the mechanism that was asked for
	MechanismUnusable   ID = "auth.mechanism-unusable"    // None of the mechanisms fits this login
	LoginUnsendable     ID = "auth.unsendable"            // The user name, password or token cannot be sent
	ServerUnproven      ID = "auth.server-unproven"       // The server has not proved that it knows the password
	BrokenExchange      ID = "auth.broken-exchange"       // The server breaks the rules of the login
	OddExchange         ID = "auth.odd-exchange"          // The login works, but not as RFC 4954 prescribes
	AppPassword         ID = "auth.app-password"          // The account needs an app password
	WebLogin            ID = "auth.web-login"             // The provider wants a login with a browser first
	DisabledByAdmin     ID = "auth.disabled-by-admin"     // Logins for sending are switched off for this account
	SecurityDefaults    ID = "auth.security-defaults"     // Security defaults block logins by password
	ConditionalAccess   ID = "auth.conditional-access"    // An access rule of the organisation refused the login
	BasicAuthOff        ID = "auth.basic-auth-off"        // The account takes no passwords any more
	AuthClientRefused   ID = "auth.client-refused"        // The account may not be used from this address
	PasswordTooSimple   ID = "auth.password-too-simple"   // The provider refuses the password for being too simple
	AccountDisabled     ID = "auth.account-disabled"      // The account is disabled or locked
	AuthThrottled       ID = "auth.throttled"             // There were too many logins in a short time
	BackendDown         ID = "auth.backend-down"          // The server cannot check passwords at the moment
	EncryptionRequired  ID = "auth.encryption-required"   // The server wants TLS before a login
	PasswordTransition  ID = "auth.password-transition"   // The server wants one login with PLAIN first
	ResponseTooLong     ID = "auth.response-too-long"     // The login is longer than the server takes
	MechanismRefused    ID = "auth.mechanism-refused"     // The server refuses a mechanism that it offers
	TokenRefused        ID = "auth.token-refused"         // The server refuses the access token
	CredentialsRefused  ID = "auth.credentials-refused"   // The server refuses user name and password
	AuthRefused         ID = "auth.refused"               // The server refuses the login
	RetiredOnly         ID = "auth.retired-only"          // The server offers retired mechanisms only
	WindowsOnly         ID = "auth.windows-only"          // The server offers logins of a Windows domain only
	AnonymousOffered    ID = "auth.anonymous-offered"     // The server offers a login without a password
	OfferedInClear      ID = "auth.offered-in-cleartext"  // The server offers logins in the clear
)

// MAIL FROM and RCPT TO.
const (
	TLSRequired        ID = "envelope.tls-required"         // The server wants TLS before any mail
	LoginRequired      ID = "envelope.login-required"       // The server wants a login before any mail
	AccessDenied       ID = "envelope.access-denied"        // An access rule of the server refuses the mail
	PipeliningRefused  ID = "envelope.pipelining-refused"   // The server refuses commands that are sent together
	ParameterRefused   ID = "envelope.parameter-refused"    // The server refuses a parameter that it offers
	CommandLost        ID = "envelope.command-lost"         // The server waited in vain for a command
	SMTPUTF8NotOffered ID = "envelope.smtputf8-not-offered" // The server does not take addresses beyond ASCII
	SenderNotYours     ID = "envelope.sender-not-yours"     // The account may not send as this sender
	SenderDomain       ID = "envelope.sender-domain"        // The server does not accept the sender's domain
	SenderSPF          ID = "envelope.sender-spf"           // The sender's SPF record does not name this address
	SenderDMARC        ID = "envelope.sender-dmarc"         // The sender's domain forbids this mail (DMARC)
	NullSenderRefused  ID = "envelope.null-sender-refused"  // The server refuses the null sender
	SenderRefused      ID = "envelope.sender-refused"       // The server refuses the sender
	RelayDenied        ID = "envelope.relay-denied"         // The server does not relay to this recipient
	UnknownRecipient   ID = "envelope.unknown-recipient"    // The server does not know the recipient
	MailboxDisabled    ID = "envelope.mailbox-disabled"     // The recipient's mailbox is disabled
	MailboxFull        ID = "envelope.mailbox-full"         // The recipient's mailbox is full
	RecipientRefused   ID = "envelope.recipient-refused"    // The server refuses the recipient
	Greylisted         ID = "envelope.greylisted"           // The server greylists
	StorageFull        ID = "envelope.storage-full"         // The server has no room for mail
	EnvelopeFault      ID = "envelope.server-fault"         // The server reports a fault of its own
	Deferred           ID = "envelope.deferred"             // The server puts the mail off
)

// What can happen at any point of a session.
const (
	Throttled      ID = "session.throttled"           // The server limits how often this address may ask
	Reputation     ID = "session.reputation"          // The server refuses the address that this test comes from
	SessionFault   ID = "session.server-fault"        // The server reports a fault of its own
	Overloaded     ID = "session.service-unavailable" // The server closes the session: service not available
	Intermittent   ID = "session.intermittent"        // It fails at times and works at others
	SessionClosed  ID = "session.closed"              // The server hangs up in the middle of the session
	SessionTimeout ID = "session.timeout"             // The server stops answering
	SessionAlert   ID = "session.alert"               // The server ends TLS in the middle of the session
	SessionBroken  ID = "session.broken"              // The session breaks off
	TimeOver       ID = "session.run-timeout"         // The time of the test was over
	Canceled       ID = "session.canceled"            // The test was stopped
	Unsendable     ID = "session.unsendable"          // A command would have been too long
	OutOfStep      ID = "session.out-of-step"         // The server sends replies that nobody asked for
	BrokenReply    ID = "session.broken-reply"        // A reply of the server cannot be understood
	BareCR         ID = "session.bare-cr"             // The server ends its lines with CR alone
	OddReplies     ID = "session.odd-replies"         // The server's replies are malformed
	SessionSlow    ID = "session.slow"                // The server takes long to answer
)
