variable "directory" {
  description = "Where the rulesets are."
  type        = string
  default     = "rulesets"
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
