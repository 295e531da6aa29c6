# O que as pessoas leem nas mensagens de e-mail do Tessera, em português.

mail-not-you = Se foi você, não precisa de fazer nada. Se não foi, talvez outra pessoa esteja a usar a sua conta: avise os responsáveis por este serviço.
mail-factor = Forma de entrar: { $factor }
mail-account = Conta: { $account }
mail-when = Hora: { $when }
mail-address = Endereço de rede: { $address }
mail-browser = Navegador: { $browser }
mail-administrator = Feito pelos responsáveis por este serviço

mail-until = Válido até { $when }.
mail-secret = Não o dê a ninguém. Os responsáveis por este serviço nunca o pedem.
mail-not-asked = Se não o pediu, ignore esta mensagem. Nada acontece.

mail-password-changed-subject = A sua senha foi alterada
mail-password-changed-lead = A senha da sua conta foi alterada.
mail-factor-added-subject = Uma nova forma de entrar
mail-factor-added-lead = A sua conta tem uma nova forma de entrar.
mail-factor-removed-subject = Uma forma de entrar foi removida
mail-factor-removed-lead = Uma forma de entrar foi removida da sua conta.
mail-email-changed-subject = O seu endereço de e-mail foi alterado
mail-email-changed-lead = O endereço de e-mail da sua conta foi alterado. A partir de agora as mensagens vão para o novo.
mail-recovery-codes-made-subject = Novos códigos de recuperação
mail-recovery-codes-made-lead = A sua conta tem novos códigos de recuperação. Os antigos já não funcionam.

mail-verify-email-subject = Confirme o seu endereço de e-mail
mail-verify-email-lead = Abra este link para confirmar que o endereço é seu:
mail-verify-email-open = Confirmar endereço
mail-reset-password-subject = Escolha uma nova senha
mail-reset-password-lead = Abra este link para escolher uma nova senha:
mail-reset-password-open = Escolher senha
mail-invitation-subject = O seu convite
mail-invitation-lead = Pode ter uma conta aqui. Abra este link para a criar:
mail-invitation-open = Criar conta
mail-login-link-subject = O seu link para entrar
mail-login-link-lead = Abra este link para entrar:
mail-login-link-open = Entrar
mail-login-code-subject = O seu código para entrar
mail-login-code-lead = Escreva este código onde está a entrar:

mail-test-subject = Teste
mail-test-lead = Isto é um teste. As mensagens saem.
