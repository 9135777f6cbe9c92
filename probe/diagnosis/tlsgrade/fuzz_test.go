package tlsgrade

import (
	"testing"

	"smtptest/probe"
	"smtptest/probe/tlsscan"
)

// reportOf makes any report that a scan could end with from octets: each three
// say what to note, and of what.
func reportOf(data []byte) *tlsscan.Report {
	answers := []tlsscan.Answer{tlsscan.Unknown, tlsscan.Yes, tlsscan.No}
	r := &tlsscan.Report{}
	for _, n := range versionNumbers {
		r.Versions = append(r.Versions, tlsscan.Version{Number: n})
	}
	for ; len(data) >= 3; data = data[3:] {
		v := &r.Versions[int(data[0]>>4)%len(r.Versions)]
		number, answer := uint16(data[1])<<8|uint16(data[2]), answers[int(data[2])%3]
		switch data[0] & 15 {
		case 0:
			v.Offered, v.Complete = answer, data[1]&1 == 1
		case 1, 2:
			v.Suites = append(v.Suites, tlsscan.Suite{Number: number, DHBits: int(data[1]) * int(data[0]&1) * 16})
		case 3:
			v.Groups, v.GroupsComplete = append(v.Groups, number), data[1]&1 == 1
		case 4:
			r.Schemes, r.SchemesComplete = append(r.Schemes, number), data[1]&1 == 1
		case 5:
			v.Order = []tlsscan.Order{tlsscan.OrderUnknown, tlsscan.OrderServer, tlsscan.OrderClient}[int(data[2])%3]
		case 6:
			key := []string{"RSA 512", "RSA 2048", "ECDSA P-256", "Ed25519", "", "RSA x", "DSA"}[int(data[2])%7]
			r.Certificates = append(r.Certificates, tlsscan.Certificate{Kind: "RSA", Certificate: probe.Certificate{Key: key}})
		case 7:
			r.SecureRenegotiation, r.ExtendedMasterSecret, r.Compression = answer, answer, answer
		case 8:
			r.WithoutSNI.Agreed = answer
		case 9:
			r.Request.Target.Port = number
		case 10:
			r.Stopped = &tlsscan.Stopped{Why: tlsscan.StopTime}
		case 11:
			r.Failure = &probe.Failure{Kind: probe.KindTimeout, Phase: probe.PhaseConnect}
		default:
			r.Connections = append(r.Connections, tlsscan.Connection{
				Asks: tlsscan.AskOrder, Choice: tlsscan.Choice{Version: v.Number, Suite: number},
			})
		}
	}
	return r
}

// FuzzJudge: whatever a server was seen to take, it is judged, and each finding
// has what a finding has.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{0x10, 1, 1, 0x11, 0xc0, 0x2f, 0x10, 1, 1, 9, 0, 25})
	f.Add([]byte{0x00, 0, 1, 0x10, 1, 1, 0x12, 0, 5, 0x15, 0, 2, 6, 0, 0, 7, 0, 2, 8, 0, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := reportOf(data)
		j := Judge(r)
		for _, finding := range j.Findings {
			complete(t, finding, len(r.Connections))
		}
		if len(j.Failing) > j.Compared || j.Outcome == "" {
			t.Errorf("%d of %d clients fail, outcome %q", len(j.Failing), j.Compared, j.Outcome)
		}
		_ = Takes(r)
	})
}
