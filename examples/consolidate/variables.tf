variable "hosts" {
  description = "The hosts: names or addresses."
  type        = set(string)
  default     = ["web1.example.com", "web2.example.com"]
}

variable "office_networks" {
  description = "Who may log in by ssh. The machine that runs Terraform is one of them."
  type        = list(string)
  default     = ["203.0.113.0/24", "2001:db8:0ff1::/48"]
}

variable "ssh" {
  description = "How to log in. By default as root, with the keys of your SSH agent."
  type = object({
    user              = optional(string)
    private_key_file  = optional(string)
    known_hosts_files = optional(list(string))
  })
  default = {}
}
