variable "waves" {
  description = "The hosts, in waves: a few that show whether a change is good, then the rest. A name and an address for each."
  type        = map(map(object({ address = string })))
  default = {
    canary = {
      web1 = { address = "web1.example.com" }
    }
    rest = {
      web2 = { address = "web2.example.com" }
      web3 = { address = "web3.example.com" }
    }
  }
}

variable "services" {
  description = "What every host offers, to everyone. The catalogue knows the ports."
  type        = set(string)
  default     = ["http", "https"]
}

variable "admin_networks" {
  description = "Who may log in by ssh. The machine that runs the pipeline is one of them."
  type        = list(string)
  default     = ["203.0.113.0/24", "2001:db8::/32"]
}
