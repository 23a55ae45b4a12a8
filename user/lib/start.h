/* SPDX-License-Identifier: MIT */
/*
 * What a program is given when it starts. main() is called with the arguments;
 * the value that it returns is the exit status, and ends all its threads.
 */
#pragma once

#include <stdint.h>

int main(int argc, char **argv);

/* The environment, "NAME=value" each, ended by NULL. */
extern char **environment;

/* One entry of the auxiliary vector: what the kernel tells about itself. */
struct auxiliary {
    uint32_t type, value;
};

/* The whole vector, ended by type ABI_AT_NULL. */
extern const struct auxiliary *auxiliary_vector;

/* The value of the entry `type`, or `otherwise` when there is none. */
uint32_t auxiliary_value(uint32_t type, uint32_t otherwise);

/* The value of the environment variable `name`, NULL if it is not set. */
const char *environment_value(const char *name);
