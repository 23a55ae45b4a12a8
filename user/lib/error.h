/* SPDX-License-Identifier: MIT */
#pragma once

/* The name and meaning of an error number of either sign. */
const char *error_name(int error);
const char *error_text(int error);
