package main

// A scene is something that people see often.
type scene struct {
	name, about string
	host        string // what is typed on the host first
	provider    string // what is in the provider's block, if not how to log in
	before      string // a configuration that is applied first
	meanwhile   string // what is typed on the host then
	text        string // the configuration; HOST is the scene's host
	command     []string
	// title and line are of the diagnostic that must be there: its first line, and the line of the configuration that
	// Terraform shows.
	title, line string
}

const https = `
resource "iptables_service" "https" {
  host = "HOST"
  name = "https"
}
`

const ssh = `
resource "iptables_service" "ssh" {
  host    = "HOST"
  name    = "ssh"
  sources = ["CLIENT"]
}
`

var scenes = []scene{
	{name: "create", about: "a service is new", text: https},
	{
		name: "firewall", about: "a whole firewall is new", text: `
resource "iptables_firewall" "web" {
  host = "HOST"

  services = {
    ssh   = { sources = ["CLIENT"] }
    https = {}
  }
}
`,
	},
	{
		name: "update", about: "a source comes and goes",
		before: ssh, text: `
resource "iptables_service" "ssh" {
  host    = "HOST"
  name    = "ssh"
  sources = ["CLIENT", "198.51.100.0/24"]
}
`,
	},
	{name: "destroy", about: "a service goes", before: https, text: "\n"},
	{
		name: "drift", about: "somebody deleted a line", before: https, text: https,
		meanwhile: "iptables -D INPUT -p tcp --dport 443 -m comment --comment https -j ACCEPT",
	},
	{
		name: "takes-over", about: "the lines are there already", text: https,
		host:  "iptables -A INPUT -p tcp --dport 443 -m comment --comment https -j ACCEPT",
		title: `Warning: iptables_service "https" takes over 1 rule on host HOST`, line: `resource "iptables_service" "https"`,
	},
	{
		name: "exists", about: "the same with on_existing", text: https,
		host: "iptables -A INPUT -p tcp --dport 443 -m comment --comment https -j ACCEPT",
		provider: `ssh = { private_key_file = "KEY", known_hosts_files = ["KNOWN_HOSTS"] }
  on_existing = "error"`,
		title: `Error: iptables_service "https" exists already on host HOST`, line: `resource "iptables_service" "https"`,
	},
	{
		name: "exclusive", about: "a line by hand where nothing else may be",
		host: "iptables -A INPUT -p tcp --dport 8080 -j ACCEPT", text: ssh + `
resource "iptables_exclusive_rules" "input" {
  host  = "HOST"
  chain = "INPUT"
  rules = iptables_service.ssh.rules
}
`,
		title: `Warning: iptables_exclusive_rules "INPUT" removes 1 rule of others on host HOST`,
	},
	{
		name: "lock-out", about: "the ssh service was forgotten", command: []string{"apply", "-auto-approve"}, text: `
resource "iptables_default_policy" "input" {
  host   = "HOST"
  policy = "DROP"
}
`,
		title: `Error: Could not create iptables_default_policy on HOST: it would lock you out`, line: `resource "iptables_default_policy" "input"`,
	},
	{
		name: "no-answer", about: "a firewall drops the login", text: https,
		host:     "iptables -A INPUT -p tcp --dport 22 -j DROP",
		provider: `ssh = { private_key_file = "KEY", known_hosts_files = ["KNOWN_HOSTS"], timeout = "2s" }`,
		title:    `Error: Could not plan iptables_service "https" on host HOST: it does not answer`, line: `host = "HOST"`,
	},
	{
		name: "wrong-port", about: "sshd listens elsewhere", text: `
resource "iptables_service" "https" {
  host = "root@ADDRESS:2222"
  name = "https"
}
`,
		title: `Error: Could not plan iptables_service on host root@ADDRESS:2222: nothing listens at the port`, line: `host = "root@ADDRESS:2222"`,
	},
	{
		name: "host-key", about: "a host that nobody knows yet", text: https,
		provider: `ssh = { private_key_file = "KEY", known_hosts_files = ["/dev/null"] }`,
		title:    `Error: Could not plan iptables_service on host HOST: its host key is not known`, line: `host = "HOST"`,
	},
	{
		name: "wrong-key", about: "a user who may not log in so", text: https,
		provider: `ssh = { user = "nobody", private_key_file = "KEY", known_hosts_files = ["KNOWN_HOSTS"] }`,
		title:    `Error: Could not plan iptables_service on host HOST: it refuses the login`, line: `host = "HOST"`,
	},
	{
		name: "not-root", about: "a user without rights", text: https,
		provider: `ssh = { user = "guest", private_key_file = "KEY", known_hosts_files = ["KNOWN_HOSTS"] }`,
		title:    `Error: Could not plan iptables_service on host HOST: the login cannot become root`, line: `host = "HOST"`,
	},
	{
		name: "unknown-service", about: "a name that the catalogue has not", text: `
resource "iptables_service" "db" {
  host = "HOST"
  name = "postgress"
}
`,
		title: `Error: Unknown service "postgress": the catalogue does not hold it`, line: `name = "postgress"`,
	},
	{
		name: "bad-port", about: "a port without its protocol", text: `
resource "iptables_service" "app" {
  host  = "HOST"
  ports = ["8080"]
}
`,
		title: `Error: Not a port: "8080" has no protocol`, line: `ports = ["8080"]`,
	},
	{
		name: "no-sources", about: "an empty list of sources", text: `
resource "iptables_service" "app" {
  host    = "HOST"
  ports   = ["8080/tcp"]
  sources = []
}
`,
		title: "Error: The list of sources is empty: no source could connect", line: "sources = []",
	},
	{
		name: "bad-spec", about: "a rule with a typing error", text: `
resource "iptables_rule" "snmp" {
  host  = "HOST"
  chain = "INPUT"
  spec  = "-p udp --dprot 161 -j ACCEPT"
}
`,
		title: `Error: Not a rule of iptables: unknown option --dprot`, line: `spec  = "-p udp --dprot 161 -j ACCEPT"`,
	},
	{
		name: "no-chain", about: "a chain that is not there", text: `
resource "iptables_rule" "snmp" {
  host  = "HOST"
  chain = "OFFICE"
  spec  = "-p udp --dport 161 -j ACCEPT"
}
`,
		title: `Error: Could not plan iptables_rule on host HOST: no such chain`, line: `chain = "OFFICE"`,
	},
	{
		name: "foreign", about: "a chain of Docker's", host: "iptables -N DOCKER", text: `
resource "iptables_rule" "snmp" {
  host     = "HOST"
  chain    = "DOCKER"
  spec     = "-s 198.51.100.0/24 -j DROP"
  families = ["ipv4"]
}
`,
		title: `Error: Could not plan iptables_rule on host HOST: a chain of other software`, line: `chain    = "DOCKER"`,
	},
	{
		name: "twice", about: "two resources with one line", text: https + `
resource "iptables_service" "again" {
  host = "HOST"
  name = "https"
}
`,
		title: `Error: Could not plan iptables_service on host HOST: another resource wants the same`,
	},
	{
		name: "import", about: "an ID that finds nothing", text: https, command: []string{"import", "iptables_service.https", "HOST -A INPUT -p tcp -m tcp --dport 443 -j ACCEPT"},
		host:  "iptables -A INPUT -p tcp --dport 80 -j ACCEPT",
		title: `Error: Could not import iptables_service on host HOST: no such line`,
	},
	{
		name: "no-set", about: "an ipset that is not there", command: []string{"apply", "-auto-approve"}, text: `
resource "iptables_rule" "set" {
  host     = "HOST"
  chain    = "INPUT"
  families = ["ipv4"]
  spec     = "-m set --match-set office src -j ACCEPT"
}
`,
		title: `Error: Could not plan iptables_rule on host HOST: no such ipset`,
	},
}
