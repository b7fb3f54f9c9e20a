package acceptance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/account"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
	"github.com/vpsfirewall/terraform-provider-iptables/provider"
)

func TestMain(m *testing.M) {
	if os.Getenv("TF_PLUGIN_MAGIC_COOKIE") != "" { // Terraform started this program as the provider, see cli_test.go
		serve()
		return
	}
	// From inside the fleet's network nothing could be fetched to build it.
	if os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		out, err := exec.Command("../tools/get", "terraform").Output()
		if err != nil {
			fmt.Fprintln(os.Stderr, "acceptance tests need a Terraform program:", err)
			os.Exit(1)
		}
		setenv("TF_ACC_TERRAFORM_PATH", strings.TrimSpace(string(out)))
	}
	setenv("TF_ACC", "1")
	setenv("CHECKPOINT_DISABLE", "1")
	setenv("TF_CLI_CONFIG_FILE", "/dev/null")
	fleet.Main(m)
}

func setenv(name, value string) {
	if err := os.Setenv(name, value); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A stage is a fleet on which one test plays.
type stage struct {
	t *testing.T
	*fleet.Fleet
	host *fleet.Host // the first
	user string      // who logs in
	// settings are lines for the provider block.
	settings string
}

var stages atomic.Int32

func newStage(t *testing.T, hosts ...fleet.HostOptions) *stage {
	t.Helper()
	f := fleet.ForTest(t, fleet.Options{ID: fmt.Sprintf("acceptance-%d-%d", os.Getpid(), stages.Add(1)), Hosts: hosts})
	s := &stage{t: t, Fleet: f, host: f.Hosts()[0], user: fleet.Root}
	if os.Getenv("IPTABLES_TEST_ACCOUNT") == "least" {
		s.useAccount()
	}
	return s
}

// useAccount makes all that the test does by way of the account that the guide about security describes, which may do least.
func (s *stage) useAccount() {
	s.t.Helper()
	s.user = account.Name
	keys, err := account.InGuide("authorized_keys")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range s.Hosts() {
		err := account.AllowKey(s.t.Context(), s.Fleet, h, s.user, keys[0], "203.0.113.7", "10.0.0.0/8,fd00::/8")
		if err := errors.Join(err, account.AllowSudo(s.t.Context(), h)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// onBackends runs a test on one host of each backend.
func onBackends(t *testing.T, test func(*stage)) {
	t.Helper()
	t.Parallel()
	for _, backend := range []fleet.Backend{fleet.NFT, fleet.Legacy} {
		t.Run(string(backend), func(t *testing.T) {
			t.Parallel()
			test(newStage(t, fleet.HostOptions{Backend: backend}))
		})
	}
}

// config is a whole configuration: the provider block, then body with HOST as the first host's address, and LOGIN as who logs in.
func (s *stage) config(body string) string {
	login := ""
	if s.user != fleet.Root { // who is the default
		login = fmt.Sprintf("    user = %q\n", s.user)
	}
	block := fmt.Sprintf("provider \"iptables\" {\n  ssh = {\n%s    private_key_file  = %q\n    known_hosts_files = [%q]\n  }\n%s}\n\n",
		login, s.Key, s.KnownHosts, s.settings)
	address := s.host.Address
	if address == "" {
		address = s.host.Address6
	}
	return block + strings.NewReplacer("HOST", address, "LOGIN", s.user).Replace(body)
}

// run plays the steps and destroys what they made. Imports by identity are left out where the CLI has none.
func (s *stage) run(steps ...resource.TestStep) {
	s.t.Helper()
	byIdentity := func(step resource.TestStep) bool {
		return step.ImportStateKind == resource.ImportBlockWithResourceIdentity
	}
	if slices.ContainsFunc(steps, byIdentity) && !tools.Has(s.t, tools.IdentityImports) {
		steps = slices.DeleteFunc(steps, byIdentity)
	}
	resource.Test(s.t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"iptables": providerserver.NewProtocol6WithError(provider.New("test")()),
		},
		Steps: steps,
	})
}

// do runs a script on the host behind the provider's back.
func (s *stage) do(script string) string {
	s.t.Helper()
	out, err := s.host.Shell(context.Background(), script)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// doing is do for a step's PreConfig.
func (s *stage) doing(script string) func() {
	return func() { s.t.Helper(); s.do(script) }
}

// chain checks what `iptables -S CHAIN` prints, without the policy; "ip6tables INPUT" is the other family's.
func (s *stage) chain(chain string, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		command, name := family(chain)
		out, err := s.host.Shell(context.Background(), command+" -S "+name)
		if err != nil {
			return err
		}
		got := strings.Split(strings.TrimSpace(out), "\n")
		got = slices.DeleteFunc(got, func(l string) bool { return strings.HasPrefix(l, "-P") || strings.HasPrefix(l, "-N") })
		for i := range got {
			got[i] = strings.TrimPrefix(got[i], "-A "+name+" ")
		}
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			return fmt.Errorf("%s (-want +got):\n%s", chain, diff)
		}
		return nil
	}
}
