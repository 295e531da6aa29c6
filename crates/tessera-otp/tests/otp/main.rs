//! One-time codes and seed files, through the public interface.

mod codes;
mod csv_files;
mod figures;
mod forge;
mod hostile_files;
mod pskc_files;
mod qr_codes;
