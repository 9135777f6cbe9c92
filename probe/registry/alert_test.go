package registry

import (
	"crypto/tls"
	"strings"
	"testing"
)

func TestAlerts(t *testing.T) {
	for n, name := range map[int]string{
		0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
		30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
		43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
		47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
		52: "too_many_cids_requested", 60: "export_restriction", 70: "protocol_version", 71: "insufficient_security",
		80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation",
		109: "missing_extension", 110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
		113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
		116: "certificate_required", 117: "general_error", 120: "no_application_protocol", 121: "ech_required",
	} {
		a, ok := AlertOf(n)
		if !ok || a.Number != n || a.Name != name || AlertName(n) != name || a.Reference == "" {
			t.Errorf("AlertOf(%d) = %+v, %t; want %s", n, a, ok, name)
		}
	}
	for _, n := range []int{-1, 1, 255, 256} {
		if a, ok := AlertOf(n); ok || AlertName(n) != "unassigned" || AlertAboutIdentity(n) {
			t.Errorf("AlertOf(%d) = %+v, %t", n, a, ok)
		}
	}
}

// Go's own table is a second opinion on the numbers.
func TestAlertsAgreeWithGo(t *testing.T) {
	known := 0
	for n := range 256 {
		said := tls.AlertError(n).Error()
		if strings.HasPrefix(said, "tls: alert(") {
			continue
		}
		known++
		if _, ok := AlertOf(n); !ok {
			t.Errorf("Go knows alert %d, %q", n, said)
		}
	}
	if known < 30 {
		t.Errorf("Go knows only %d alerts: its wording has changed", known)
	}
}

func TestAlertAboutIdentity(t *testing.T) {
	for _, n := range []int{41, 42, 43, 44, 45, 46, 48, 49, 111, 112, 113, 114, 115, 116} {
		if !AlertAboutIdentity(n) {
			t.Errorf("alert %d, %s, is about an identity", n, AlertName(n))
		}
	}
	for _, n := range []int{0, 10, 20, 40, 47, 50, 51, 70, 71, 80, 86, 109, 110, 120} {
		if AlertAboutIdentity(n) {
			t.Errorf("alert %d, %s, is not about an identity", n, AlertName(n))
		}
	}
}
