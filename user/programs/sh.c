/* SPDX-License-Identifier: MIT */
/*
 * The shell by the name that scripts use: `sh -c 'command; command'`. It runs
 * /bin/shell with the same arguments and ends as that ends.
 */
#include "user/lib/error.h"
#include "user/lib/print.h"
#include "user/lib/program.h"
#include "user/lib/start.h"

int main(int argc, char **argv)
{
    (void)argc;
    int status = program_run("/bin/shell", argv);

    if (status < 0) {
        print_to(STANDARD_ERROR, "/bin/shell: %s\n", error_text(status));
        return 127;
    }
    return status_exited(status) ? status_code(status)
                                 : 128 + status_signal(status);
}
