/* SPDX-License-Identifier: MIT */
#ifndef USER_ERROR_H
#define USER_ERROR_H

/* The name and meaning of an error number of either sign. */
const char *error_name(int error);
const char *error_text(int error);

#endif
