/* disk_internal.h - between the files of the disk and its names. */
#ifndef SIM_DISK_INTERNAL_H
#define SIM_DISK_INTERNAL_H

#include "sim/disk.h"

struct inode *disk_any_log_file(void); /**< by chance; NULL when there is none */
void disk_inode_drop_lost(struct inode *inode);
void disk_inode_power_cut(struct inode *inode, uint32_t percent);
void disk_files_reset(void);
void disk_directs_power_cut(uint32_t percent);
void disk_directs_reset(void);

#endif
