/* SPDX-License-Identifier: MIT */
/*
 * Which lock guards what, in words that clang checks (-Wthread-safety). GCC
 * sees nothing of them. Fields of structures say their lock in a comment as
 * well, since C cannot yet name a sibling field in an attribute.
 */
#pragma once

#ifdef __clang__
#define LOCK_ATTRIBUTE(x) __attribute__((x))
#else
#define LOCK_ATTRIBUTE(x)
#endif

#define CAPABILITY(name)  LOCK_ATTRIBUTE(capability(name))
#define GUARDED_BY(lock)  LOCK_ATTRIBUTE(guarded_by(lock))
#define ACQUIRES(lock)    LOCK_ATTRIBUTE(acquire_capability(lock))
#define RELEASES(lock)    LOCK_ATTRIBUTE(release_capability(lock))
#define REQUIRES(lock)    LOCK_ATTRIBUTE(requires_capability(lock))
#define UNCHECKED_LOCKING LOCK_ATTRIBUTE(no_thread_safety_analysis)
