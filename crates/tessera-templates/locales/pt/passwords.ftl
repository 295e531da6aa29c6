# What people read about a new password on the pages of Tessera, in Portuguese.

password-lead = Com uma nova senha, a sua sessão termina em todos os outros lugares.
password-current-label = Senha atual
password-new-label = Nova senha
password-submit = Alterar senha
password-problem-wrong-current = A senha atual está errada. Tente novamente.
password-problem-too-short = Use pelo menos { $min } caracteres.
password-problem-too-long = Esta senha é longa demais. Escolha uma mais curta.
password-problem-nul = Esta senha contém um caractere que não pode ser digitado. Escolha outra.
password-problem-same-as-old = Esta é a senha antiga. Escolha uma nova.
password-problem-like-old = Esta é a senha antiga com pequenas alterações. Escolha uma nova.
password-problem-guessable = Esta senha é fácil de adivinhar. Use várias palavras que não tenham nada a ver umas com as outras.
password-problem-breached = Esta senha é conhecida por um vazamento de outro serviço. Escolha uma que você nunca usou.
password-problem-not-looked-up = No momento não é possível verificar senhas. Tente novamente mais tarde.
