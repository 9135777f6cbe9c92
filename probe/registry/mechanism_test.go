package registry

import (
	"strings"
	"testing"
)

func TestMechanisms(t *testing.T) {
	for usage, names := range map[Usage]string{
		UsageCommon: `PLAIN GSSAPI GS2-KRB5 GS2-KRB5-PLUS KERBEROS_V5 EXTERNAL ANONYMOUS SCRAM-SHA-1 SCRAM-SHA-1-PLUS
			SCRAM-SHA-256 SCRAM-SHA-256-PLUS OAUTHBEARER OAUTH10A OTP SECURID SAML20 OPENID20 EAP-AES128 EAP-AES128-PLUS
			9798-U-RSA-SHA1-ENC 9798-M-RSA-SHA1-ENC 9798-U-DSA-SHA1 9798-M-DSA-SHA1 9798-U-ECDSA-SHA1 9798-M-ECDSA-SHA1`,
		UsageLimited:  `CRAM-MD5 NTLM GSS-SPNEGO NMAS_LOGIN NMAS_AUTHEN NMAS-SAMBA-AUTH`,
		UsageObsolete: `LOGIN DIGEST-MD5 KERBEROS_V4 SKEY XOAUTH XOAUTH2`,
		UsageUnregistered: `SCRAM-SHA-512 SCRAM-SHA-512-PLUS SCRAM-SHA3-512 SCRAM-SHA3-512-PLUS XYMCOOKIE XYMPKI
			PLAIN-CLIENTTOKEN MSN SPA`,
	} {
		for _, name := range strings.Fields(names) {
			m, ok := MechanismOf(strings.ToLower(name))
			if !ok || m.Name != name || m.Usage != usage {
				t.Errorf("MechanismOf(%q) = %+v, %t; want usage %s", name, m, ok, usage)
			}
		}
	}
}

func TestMechanismFamilies(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"GS2-EXAMPLE", "GS2-*"}, {"HT-SHA-256-ENDP", "HT-*"}, {"scram-sha-384", "SCRAM-*"}, {"SCRAM-SHA-256",
			"SCRAM-SHA-256"},
	} {
		if m, ok := MechanismOf(c.name); !ok || m.Name != c.want {
			t.Errorf("MechanismOf(%q) = %+v, %t; want %s", c.name, m, ok, c.want)
		}
	}
	for _, name := range []string{"", "X-PRIVATE", "SCRAM", "9798-X", "SCRAM- SHA", "GS2-ABCDEFGHIJKLMNOPQRSTUVWXYZ"} {
		if m, ok := MechanismOf(name); ok {
			t.Errorf("MechanismOf(%q) = %+v", name, m)
		}
	}
}

func TestWhatMechanismsCarry(t *testing.T) {
	want := map[string]Carried{"PLAIN": CarriesPassword, "LOGIN": CarriesPassword, "PLAIN-CLIENTTOKEN": CarriesPassword,
		"XOAUTH2": CarriesToken, "OAUTHBEARER": CarriesToken, "XYMCOOKIE": CarriesToken}
	for name, m := range mechanisms() {
		carried, ok := want[name]
		if !ok {
			carried = CarriesNothing
		}
		if m.Carries != carried {
			t.Errorf("%s carries %s, want %s", name, m.Carries, carried)
		}
	}
}

func TestDiscouragedMechanisms(t *testing.T) {
	for _, name := range strings.Fields("CRAM-MD5 DIGEST-MD5 NTLM SPA ANONYMOUS KERBEROS_V4 SKEY") {
		if m, _ := MechanismOf(name); !m.Discouraged {
			t.Errorf("%s is not discouraged", name)
		}
	}
	for _, name := range strings.Fields("PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256 OAUTHBEARER XOAUTH2 EXTERNAL GSSAPI") {
		if m, _ := MechanismOf(name); m.Discouraged {
			t.Errorf("%s is discouraged", name)
		}
	}
}
